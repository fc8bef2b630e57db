using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Lays a request out as the provider reads it: tools, system, messages; with the tokens and the hash of every prefix.</summary>
internal sealed class PromptLayout
{
    private readonly List<PromptPart> _parts = [];
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private int _tokens;

    private PromptLayout()
    {
    }

    public static IReadOnlyList<PromptPart> Of(JsonElement body, IReadOnlyList<WireBlock> tools, IReadOnlyList<WireBlock> system, IReadOnlyList<WireMessage> messages)
    {
        var layout = new PromptLayout();
        for (var index = 0; index < tools.Count; index++)
        {
            var canonical = CanonicalJson.WriteBlock(tools[index].Json);
            var framing = SimulatedTokenRule.TokensPerTool + (index == 0 ? SimulatedTokenRule.TokensOfToolPrompt : 0);
            layout.Add("tool", canonical, framing + SimulatedTokenRule.FromUtf8Bytes(canonical.Length), tools[index].Lifetime);
        }

        foreach (var block in system)
            layout.AddBlock("system", block, SimulatedTokenRule.TokensPerBlock);

        // Documented: a change of these keeps the cache of tools and system and loses that of the messages.
        foreach (var setting in (ReadOnlySpan<string>)["tool_choice", "thinking"])
        {
            if (body.TryGetProperty(setting, out var value))
                layout.Mix(setting, CanonicalJson.Write(value));
        }

        foreach (var message in messages)
        {
            var framing = SimulatedTokenRule.TokensPerMessage;
            foreach (var block in message.Blocks)
            {
                layout.AddBlock(message.Role, block, framing + SimulatedTokenRule.TokensPerBlock);
                framing = 0;
            }
        }

        return layout._parts;
    }

    /// <summary>Tokens of a block without its framing.</summary>
    private static int Count(WireBlock block) => block switch
    {
        { Text: { } text } => SimulatedTokenRule.Count(text),
        { Type: "tool_use" } => SimulatedTokenRule.Count(WireJson.OptionalString(block.Json, "name"))
            + SimulatedTokenRule.CountJson(block.Json.GetProperty("input")),
        { Type: "tool_result" } => block.Inner.Sum(inner => SimulatedTokenRule.TokensPerBlock + Count(inner)),
        { Type: "image" } => block.Json.TryGetProperty("source", out var source) && WireJson.OptionalString(source, "data") is { } data
            ? SimulatedTokenRule.CountImage(data.Length)
            : SimulatedTokenRule.TokensOfRemoteImage,
        _ => SimulatedTokenRule.FromUtf8Bytes(CanonicalJson.WriteBlock(block.Json).Length),
    };

    private void AddBlock(string level, WireBlock block, int framing)
    {
        // A plain string and a text block of the same words are the same prompt.
        var content = block.Text is { } text ? Encoding.UTF8.GetBytes(text) : CanonicalJson.WriteBlock(block.Json);
        Add($"{level}/{block.Type}", content, framing + Count(block), block.Lifetime);
    }

    private void Add(string kind, ReadOnlySpan<byte> content, int tokens, TimeSpan? lifetime)
    {
        Mix(kind, content);
        _tokens = checked(_tokens + tokens);
        _parts.Add(new PromptPart(_tokens, BinaryPrimitives.ReadUInt128LittleEndian(_hash), lifetime));
    }

    private void Mix(string kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hash);
        hash.AppendData(Encoding.UTF8.GetBytes(kind));
        // No text contains a zero byte in its kind, so kind and content cannot run into each other.
        hash.AppendData([0]);
        hash.AppendData(content);
        hash.GetHashAndReset(_hash);
    }
}
