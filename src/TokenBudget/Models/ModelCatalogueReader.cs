using System.Text.Json;

namespace TokenBudget.Models;

/// <summary>Reads <c>models.json</c>: one object with an optional <c>note</c> and <c>models</c>, an array of models.</summary>
/// <remarks>
/// <para>A model has <c>id</c>, <c>provider</c> and, where they are known, <c>maxInput</c>, <c>maxOutput</c>, <c>minCacheable</c> (tokens)
/// and <c>prices</c>, an array of one entry per date: <c>from</c> (<c>yyyy-MM-dd</c>, midnight UTC, or an instant with its offset;
/// left out: since ever), the rates, and <c>tiers</c>, an array of <c>above</c> (input tokens) with rates of their own.</para>
/// <para>Rates are whole pico-dollars per token: <c>input</c> and <c>output</c>, and, where they differ from what is in brackets,
/// <c>cacheRead</c> [input], <c>cacheWrite</c> [input], <c>cacheWrite1h</c> [cacheWrite], <c>reasoning</c> [output], <c>audioInput</c> [input], <c>audioCacheRead</c> [cacheRead] and <c>audioOutput</c> [output].</para>
/// <para>Whatever else is in the file is an error: a misspelt field would otherwise be a wrong price.</para>
/// </remarks>
internal static class ModelCatalogueReader
{
    /// <summary>Reads every model of a catalogue.</summary>
    /// <param name="json">UTF-8 JSON, with or without a byte order mark; read to its end, not closed.</param>
    /// <exception cref="FormatException">The text is not such a catalogue; the message names the line, the model and the field.</exception>
    public static IEnumerable<ModelInfo> Read(Stream json)
    {
        ArgumentNullException.ThrowIfNull(json);
        using var buffer = new MemoryStream();
        json.CopyTo(buffer);
        ReadOnlySpan<byte> utf8 = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];

        var parser = new ModelCatalogueParser(utf8);
        try
        {
            return parser.ReadCatalogue();
        }
        catch (JsonException exception)
        {
            throw new FormatException($"Model catalogue, line {exception.LineNumber + 1}: not JSON: {exception.Message}", exception);
        }
    }
}
