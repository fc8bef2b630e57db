using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Tokenization.Tests;

/// <summary>The recorded strings and documents with what tiktoken gives for them.</summary>
internal static class RecordedStrings
{
    /// <summary>One recorded text; <see cref="Ids"/> is null where only the hash is recorded.</summary>
    public sealed record Row(string Id, string Text, int Count, int[]? Ids, string? IdsSha256);

    public static IEnumerable<Row> Short(string encoding) => Read("tokenizer/short.dev.jsonl", encoding, ShortText);

    public static IEnumerable<Row> Documents(string encoding) => Read("tokenizer/docs.dev.jsonl", encoding, DocumentText);

    /// <summary>SHA-256 over the ids as little-endian 32-bit numbers.</summary>
    public static string Sha256Of(IReadOnlyList<int> ids)
    {
        var bytes = new byte[4 * ids.Count];
        for (var i = 0; i < ids.Count; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), ids[i]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static IEnumerable<Row> Read(string file, string encoding, Func<JsonElement, string> text)
    {
        // Split on LF only: other line ends occur inside the strings.
        foreach (var line in File.ReadAllText(SharedData.File(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            var shortName = encoding.Replace("_base", "", StringComparison.Ordinal);
            yield return new Row(
                row.GetProperty("id").GetString()!,
                text(row),
                row.GetProperty(encoding).GetInt32(),
                row.TryGetProperty("ids_" + shortName, out var ids) ? [.. ids.EnumerateArray().Select(id => id.GetInt32())] : null,
                row.TryGetProperty($"ids_{shortName}_sha256", out var hash) ? hash.GetString() : null);
        }
    }

    private static string ShortText(JsonElement row)
    {
        if (row.TryGetProperty("utf16", out var units))
            return string.Concat(units.EnumerateArray().Select(unit => (char)unit.GetInt32()));
        if (!row.TryGetProperty("gen", out var gen))
            return row.GetProperty("text").GetString()!;

        var run = new StringBuilder(gen.GetProperty("prefix").GetString());
        for (var i = gen.GetProperty("count").GetInt32(); i > 0; i--)
            run.Append(gen.GetProperty("unit").GetString());
        return run.Append(gen.GetProperty("suffix").GetString()).ToString();
    }

    private static string DocumentText(JsonElement row)
    {
        // Not File.ReadAllText, which would take a byte order mark for its own.
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(SharedData.File("tokenizer/" + row.GetProperty("file").GetString())));
        text.Length.ShouldBe(row.GetProperty("utf16_length").GetInt32());
        return text;
    }
}
