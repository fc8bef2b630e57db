using System.Text;
using System.Text.Json;
using TokenBudget.Models;

namespace TokenBudget.Cli.Models;

/// <summary>Writes <c>models.json</c>, one model a line so that a change of prices reads well in a diff. What the reader would assume is left out.</summary>
internal static class ModelCatalogueWriter
{
    private const string Note = "Prices are whole pico-dollars per token: 3000000 is $3 per million. Written by: tokenbudget models import";

    /// <summary>The whole file, with a line feed at its end.</summary>
    public static string Write(IEnumerable<ModelInfo> models)
    {
        var text = new StringBuilder();
        text.Append("{\"note\":\"").Append(Note).Append("\",\"models\":[");
        var separator = "\n";
        foreach (var model in models)
        {
            text.Append(separator).Append(Line(model));
            separator = ",\n";
        }

        return text.Append("\n]}\n").ToString();
    }

    private static string Line(ModelInfo model)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", model.Id);
            json.WriteString("provider", model.Provider);
            if (model.MaxInputTokens is { } input)
                json.WriteNumber("maxInput", input);
            if (model.MaxOutputTokens is { } output)
                json.WriteNumber("maxOutput", output);
            if (model.MinCacheableTokens > 0)
                json.WriteNumber("minCacheable", model.MinCacheableTokens);
            if (model.Prices.Count > 0)
                WritePrices(json, model.Prices);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WritePrices(Utf8JsonWriter json, IReadOnlyList<ModelPrices> prices)
    {
        json.WriteStartArray("prices");
        foreach (var price in prices)
        {
            json.WriteStartObject();
            if (price.From is { } from)
                json.WriteString("from", Date(from));
            WriteRates(json, price.Rates);
            if (price.Tiers.Count > 0)
            {
                json.WriteStartArray("tiers");
                foreach (var tier in price.Tiers)
                {
                    json.WriteStartObject();
                    json.WriteNumber("above", tier.AboveInputTokens);
                    WriteRates(json, tier.Rates);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRates(Utf8JsonWriter json, TokenRates rates)
    {
        json.WriteNumber("input", rates.Input);
        json.WriteNumber("output", rates.Output);
        if (rates.CacheRead != rates.Input)
            json.WriteNumber("cacheRead", rates.CacheRead);
        if (rates.CacheWrite5Minutes != rates.Input)
            json.WriteNumber("cacheWrite", rates.CacheWrite5Minutes);
        if (rates.CacheWrite1Hour != rates.CacheWrite5Minutes)
            json.WriteNumber("cacheWrite1h", rates.CacheWrite1Hour);
        if (rates.Reasoning != rates.Output)
            json.WriteNumber("reasoning", rates.Reasoning);
        if (rates.AudioInput is { } heard && heard != rates.Input)
            json.WriteNumber("audioInput", heard);
        if (rates.AudioCacheRead is { } again && again != rates.CacheRead)
            json.WriteNumber("audioCacheRead", again);
        if (rates.AudioOutput is { } spoken && spoken != rates.Output)
            json.WriteNumber("audioOutput", spoken);
    }

    private static string Date(DateTimeOffset from)
    {
        var utc = from.ToUniversalTime();
        return utc.TimeOfDay == TimeSpan.Zero
            ? FormattableString.Invariant($"{utc:yyyy-MM-dd}")
            : FormattableString.Invariant($"{utc:yyyy-MM-dd'T'HH:mm:ss.FFFFFFF}Z");
    }
}
