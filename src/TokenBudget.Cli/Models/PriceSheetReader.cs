using System.Globalization;
using System.Text.Json;
using TokenBudget.Models;

namespace TokenBudget.Cli.Models;

/// <summary>Makes a catalogue of a price sheet that lists, per model, what litellm and genai-prices say in dollars per token.</summary>
/// <remarks>
/// <para>genai-prices wins, with its dates; what it does not list comes from litellm, if both agree on input and output.
/// Tiers that only litellm lists are taken too, because a request priced too low is worse than one priced too high.</para>
/// <para>Prices that hold only at some time of the day become the dearer of all hours: a reservation must cover the call
/// whenever it is sent, and our prices have dates, not hours.</para>
/// <para>A model priced at zero, or not at all, is kept without prices: its sizes are useful, and an unknown price is not zero.
/// Of two entries with one id, the one served under that very id wins, otherwise the first.</para>
/// </remarks>
internal static class PriceSheetReader
{
    /// <summary>Reads a sheet.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <exception cref="FormatException">The sheet is not of that form, or a price is not a whole number of pico-dollars.</exception>
    public static PriceSheetImport Read(Stream json)
    {
        using var document = Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object ||
            !document.RootElement.TryGetProperty("models", out var entries) || entries.ValueKind != JsonValueKind.Array)
            throw new FormatException("The price sheet has no array 'models'.");

        var remarks = new List<string>();
        var models = new List<ModelInfo>();
        foreach (var same in entries.EnumerateArray().GroupBy(static entry => Text(entry, "id"), StringComparer.OrdinalIgnoreCase))
        {
            var entry = same.FirstOrDefault(static entry => OptionalText(entry, "litellm_key") == Text(entry, "id"), same.First());
            var model = ReadModel(entry, remarks);
            models.Add(model);
            if (same.Count() > 1)
                remarks.Add($"{model.Id}: listed {same.Count()} times; taken as served by {model.Provider}.");
        }

        models.Sort(static (left, right) =>
            string.CompareOrdinal(left.Provider, right.Provider) is not 0 and var order ? order : string.CompareOrdinal(left.Id, right.Id));
        return new PriceSheetImport(models, remarks);
    }

    private static JsonDocument Parse(Stream json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The price sheet is not JSON: {exception.Message}", exception);
        }
    }

    private static ModelInfo ReadModel(JsonElement entry, List<string> remarks)
    {
        var id = Text(entry, "id");
        try
        {
            var prices = ReadPrices(entry);
            if (prices.Count == 0)
                remarks.Add($"{id}: no price is known; kept for its sizes.");
            var provider = Text(entry, "provider");
            return new ModelInfo
            {
                Id = id,
                Provider = provider,
                MaxInputTokens = Count(entry, "max_input_tokens") ?? Count(entry, "context_window_genai_prices"),
                MaxOutputTokens = Count(entry, "max_output_tokens"),
                MinCacheableTokens = Count(entry, "min_cacheable_tokens") ?? 0,
                Prices = [.. prices.Select(price => Complete(price.From, price.Price, provider))],
            };
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or OverflowException)
        {
            throw new FormatException($"The price sheet, model '{id}': {exception.Message}", exception);
        }
    }

    private static List<(DateTimeOffset? From, SheetPrice Price)> ReadPrices(JsonElement entry)
    {
        SheetPrice? litellm = null, genai = null;
        if (entry.TryGetProperty("prices_usd_per_token", out var sources))
        {
            if (sources.TryGetProperty("litellm", out var first))
                litellm = ReadPrice(first);
            if (sources.TryGetProperty("genai_prices", out var second))
                genai = ReadPrice(second);
        }

        var dated = entry.TryGetProperty("genai_prices_conditional", out var sets) ? ReadDated(sets) : [(null, genai ?? litellm)];
        var noTiers = dated.TrueForAll(static set => set.Price is null or { Tiers.Count: 0 });
        var result = new List<(DateTimeOffset? From, SheetPrice Price)>();
        foreach (var (from, set) in dated)
        {
            if (set is not { IsKnown: true } price)
                continue;
            price = price.FilledFrom(litellm);
            if (noTiers && litellm is not null)
                price = price with { Tiers = litellm.Tiers };
            result.Add((from, price));
        }

        return result;
    }

    private static List<(DateTimeOffset? From, SheetPrice? Price)> ReadDated(JsonElement sets) =>
    [
        .. sets.EnumerateArray()
            .Select(static set => (From: ReadStart(set.GetProperty("constraint")), Price: ReadPrice(set.GetProperty("prices"))))
            .GroupBy(static set => set.From)
            .OrderBy(static same => same.Key)
            .Select(static same => (same.Key, same.Select(static set => set.Price).Aggregate(Dearer))),
    ];

    private static SheetPrice? Dearer(SheetPrice? left, SheetPrice? right) =>
        left is null || right is null ? left ?? right : SheetPrice.Dearer(left, right);

    private static DateTimeOffset? ReadStart(JsonElement constraint)
    {
        DateTimeOffset? from = null;
        if (constraint.ValueKind == JsonValueKind.Null)
            return from;
        foreach (var part in constraint.EnumerateObject())
        {
            from = part.Name switch
            {
                "start_date" => DateTimeOffset.ParseExact(part.Value.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                "start_time" or "end_time" => from,
                _ => throw new FormatException($"a price depends on '{part.Name}', which is neither a start date nor a time of the day"),
            };
        }

        return from;
    }

    private static SheetPrice? ReadPrice(JsonElement price)
    {
        if (!price.TryGetProperty("input", out _) && !price.TryGetProperty("output", out _))
            return null;
        return new SheetPrice
        {
            Input = PicoDollars(price, "input") ?? throw new FormatException("there is no price for input"),
            Output = PicoDollars(price, "output") ?? throw new FormatException("there is no price for output"),
            CacheRead = PicoDollars(price, "cache_read"),
            // Zero is how litellm writes that writing is not billed apart: such tokens cost what fresh input costs.
            CacheWrite = PicoDollars(price, "cache_write_5m") is > 0 and var write ? write : null,
            CacheWrite1Hour = PicoDollars(price, "cache_write_1h") is > 0 and var hour ? hour : null,
            Reasoning = PicoDollars(price, "reasoning_output"),
            AudioInput = PicoDollars(price, "input_audio"),
            // The one price that is listed per million tokens.
            AudioCacheRead = price.TryGetProperty("other", out var other) ? PicoDollars(other, "cache_audio_read_mtok", tokens: 1_000_000) : null,
            AudioOutput = PicoDollars(price, "output_audio"),
            Above = price.TryGetProperty("above_input_tokens", out var above) ? above.GetInt64() : null,
            Tiers = price.TryGetProperty("tiers", out var tiers)
                ? [.. tiers.EnumerateArray().Select(tier => ReadPrice(tier) ?? throw new FormatException("a tier has no price"))]
                : [],
        };
    }

    private static long? PicoDollars(JsonElement price, string field, int tokens = 1)
    {
        if (!price.TryGetProperty(field, out var value))
            return null;
        var exact = value.GetDecimal() * Usd.PicoDollarsPerDollar / tokens;
        if (exact < 0)
            throw new FormatException($"'{field}' is {value.GetRawText()}, less than nothing");
        return decimal.Truncate(exact) == exact
            ? decimal.ToInt64(exact)
            : throw new FormatException($"'{field}' is {value.GetRawText()} dollars, which is not a whole number of pico-dollars");
    }

    private static ModelPrices Complete(DateTimeOffset? from, SheetPrice price, string provider) => new()
    {
        From = from,
        Rates = Complete(price, provider),
        // What a tier does not list keeps its price, but a larger request is never cheaper to write.
        Tiers =
        [
            .. price.Tiers.OrderBy(static tier => tier.Above).Select(tier => new PriceTier(tier.Above!.Value, Complete(
                tier with
                {
                    CacheRead = tier.CacheRead ?? price.CacheRead,
                    CacheWrite = tier.CacheWrite ?? (price.CacheWrite is { } write ? Math.Max(write, tier.Input) : null),
                    CacheWrite1Hour = tier.CacheWrite1Hour,
                    Reasoning = tier.Reasoning ?? (price.Reasoning is { } reasoning ? Math.Max(reasoning, tier.Output) : null),
                    AudioInput = tier.AudioInput ?? (price.AudioInput is { } heard ? Math.Max(heard, tier.Input) : null),
                    AudioCacheRead = tier.AudioCacheRead ?? price.AudioCacheRead,
                    AudioOutput = tier.AudioOutput ?? (price.AudioOutput is { } spoken ? Math.Max(spoken, tier.Output) : null),
                },
                provider))),
        ],
    };

    private static TokenRates Complete(SheetPrice price, string provider)
    {
        var write = price.CacheWrite ?? price.Input;
        return new TokenRates
        {
            Input = price.Input,
            Output = price.Output,
            CacheRead = price.CacheRead ?? price.Input,
            CacheWrite5Minutes = write,
            // Where Claude bills writes, an hour costs twice fresh input; elsewhere an hour is not billed apart.
            CacheWrite1Hour = price.CacheWrite1Hour
                ?? (price.CacheWrite is not null && provider.StartsWith("anthropic", StringComparison.Ordinal) ? 2 * price.Input : write),
            Reasoning = price.Reasoning ?? price.Output,
            AudioInput = price.AudioInput,
            AudioCacheRead = price.AudioCacheRead,
            AudioOutput = price.AudioOutput,
        };
    }

    private static int? Count(JsonElement entry, string field) => entry.TryGetProperty(field, out var value) ? value.GetInt32() : null;

    private static string Text(JsonElement entry, string field) =>
        OptionalText(entry, field) ?? throw new FormatException($"The price sheet has a model without '{field}'.");

    private static string? OptionalText(JsonElement entry, string field) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
