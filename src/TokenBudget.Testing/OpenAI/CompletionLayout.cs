using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Lays a request out as the provider reads it: tools, format, messages; with the hash of the prefix at every 128th token.</summary>
internal sealed class CompletionLayout : IDisposable
{
    /// <summary>The automatic cache works in steps of 128 tokens (documented).</summary>
    private const int Step = 128;

    private readonly List<PromptPart> _parts = [];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _tokens;

    private CompletionLayout()
    {
    }

    public static IReadOnlyList<PromptPart> Of(JsonElement body, IReadOnlyList<CompletionMessage> messages)
    {
        using var layout = new CompletionLayout();
        if (WireJson.Optional(body, "tools") is { ValueKind: JsonValueKind.Array } tools)
        {
            var framing = SimulatedTokenRule.TokensOfToolPrompt;
            foreach (var tool in tools.EnumerateArray())
            {
                layout.Add("tool", CanonicalJson.Write(tool), framing + SimulatedTokenRule.TokensPerTool);
                framing = 0;
            }
        }

        // A schema to answer by is a part of the prefix (documented) and is counted.
        if (WireJson.Optional(body, "response_format") is { } format && WireJson.Optional(format, "json_schema") is { } schema)
            layout.Add("format", CanonicalJson.Write(schema), 0);

        foreach (var message in messages)
        {
            layout.Frame($"message/{message.Role}", SimulatedTokenRule.TokensPerMessage);
            foreach (var block in message.Blocks)
                layout.Add(block);
        }

        layout._parts.Add(new PromptPart(layout._tokens, layout.Hash(), null));
        return layout._parts;
    }

    public void Dispose() => _hash.Dispose();

    private void Add(SimulatedBlock block)
    {
        switch (block)
        {
            case SimulatedTextBlock text:
                Add("text", Encoding.UTF8.GetBytes(text.Text), SimulatedTokenRule.TokensPerBlock);
                break;
            case SimulatedToolUseBlock call:
                Add($"call/{call.Id}/{call.Name}", Encoding.UTF8.GetBytes(call.InputJson), SimulatedTokenRule.TokensPerBlock + SimulatedTokenRule.Count(call.Name));
                break;
            case SimulatedToolResultBlock result:
                Add($"result/{result.ToolUseId}", Encoding.UTF8.GetBytes(result.Text), SimulatedTokenRule.TokensPerBlock);
                break;
            case SimulatedOtherBlock other:
                AddWhole(other);
                break;
        }
    }

    /// <summary>A picture or a file is in the prefix as a whole or not at all.</summary>
    private void AddWhole(SimulatedOtherBlock block)
    {
        _hash.AppendData(CanonicalJson.Write(block.Json));
        var url = WireJson.Optional(block.Json, "image_url") is { } image ? WireJson.OptionalString(image, "url") : null;
        var data = url is not null && url.StartsWith("data:", StringComparison.Ordinal) ? url.Length - url.IndexOf(',', StringComparison.Ordinal) - 1 : 0;
        var tokens = url is null ? SimulatedTokenRule.CountJson(block.Json)
            : data > 0 ? SimulatedTokenRule.CountImage(data)
            : SimulatedTokenRule.TokensOfRemoteImage;
        Frame(block.Type, SimulatedTokenRule.TokensPerBlock + tokens);
    }

    private void Add(string kind, ReadOnlySpan<byte> content, int framing)
    {
        Frame(kind, framing);
        var start = _tokens;
        var end = checked(start + SimulatedTokenRule.FromUtf8Bytes(content.Length));
        var hashed = 0;
        for (var place = NextStep(start); place <= end; place += Step)
        {
            // The bytes of so many tokens: 3.7 each.
            var bytes = (int)Math.Min(content.Length, (place - start) * 37L / 10);
            _hash.AppendData(content[hashed..bytes]);
            hashed = bytes;
            _parts.Add(new PromptPart(place, Hash(), PromptCache.FiveMinutes));
        }

        _hash.AppendData(content[hashed..]);
        // Its length closes it, so that no content can pass for what follows it.
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, content.Length);
        _hash.AppendData(length);
        _tokens = end;
    }

    private void Frame(string kind, int tokens)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes(kind));
        _hash.AppendData([0]);
        var end = checked(_tokens + tokens);
        for (var place = NextStep(_tokens); place <= end; place += Step)
            _parts.Add(new PromptPart(place, Hash(), PromptCache.FiveMinutes));
        _tokens = end;
    }

    private UInt128 Hash()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetCurrentHash(hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private static int NextStep(int tokens) => ((tokens / Step) + 1) * Step;
}
