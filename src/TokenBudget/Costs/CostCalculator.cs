using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>Prices usage, exactly: Σ tokens of a bucket × pico-dollars of that bucket.</summary>
public static class CostCalculator
{
    /// <summary>What one request cost.</summary>
    /// <param name="model">The model that answered.</param>
    /// <param name="usage">What the request used. A large request takes its tier's rates for every token.</param>
    /// <param name="at">When: prices have dates.</param>
    /// <exception cref="UnknownPriceException">The catalogue has no price for that date.</exception>
    public static Usd CostOf(ModelInfo model, TokenUsage usage, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rates = model.PricesAt(at).RatesFor(usage.TotalInput);
        return new Usd(checked(
            (usage.FreshInput * rates.Input)
            + (usage.CacheRead * rates.CacheRead)
            + (usage.CacheWrite5Minutes * rates.CacheWrite5Minutes)
            + (usage.CacheWrite1Hour * rates.CacheWrite1Hour)
            + (usage.AudioInput * (rates.AudioInput ?? rates.Input))
            + (usage.AudioCacheRead * (rates.AudioCacheRead ?? rates.CacheRead))
            + (usage.Output * rates.Output)
            + (usage.Reasoning * rates.Reasoning)
            + (usage.AudioOutput * (rates.AudioOutput ?? rates.Output))));
    }

    /// <summary>The most a request of a given size can cost: all input at the dearest input rate, all output at the dearest output rate.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputTokens">An upper bound of the input.</param>
    /// <param name="outputTokens">An upper bound of the output.</param>
    /// <param name="at">When.</param>
    /// <param name="mayHaveAudio">Whether some of the input may be audio, which some providers bill at a higher rate.</param>
    /// <exception cref="UnknownPriceException">The catalogue has no price for that date.</exception>
    public static Usd WorstCase(ModelInfo model, long inputTokens, long outputTokens, DateTimeOffset at, bool mayHaveAudio = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        var rates = model.PricesAt(at).RatesFor(inputTokens);
        var input = Math.Max(rates.Input, Math.Max(rates.CacheWrite5Minutes, Math.Max(rates.CacheWrite1Hour, rates.CacheRead)));
        if (mayHaveAudio)
            input = Math.Max(input, Math.Max(rates.AudioInput ?? 0, rates.AudioCacheRead ?? 0));
        return new Usd(checked((inputTokens * input) + (outputTokens * Math.Max(rates.Output, Math.Max(rates.Reasoning, rates.AudioOutput ?? 0)))));
    }
}
