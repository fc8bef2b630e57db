using TokenBudget.Models;

namespace TokenBudget.Windowing;

/// <summary>What the provider's prompt cache charges, as far as it decides when a cut pays.</summary>
/// <param name="RewriteRatio">What writing a token anew costs more than reading it, in reads: (write − read) ÷ read. Claude: (1.25 − 0.1) ÷ 0.1 = 11.5. Positive.</param>
/// <param name="Lifetime">How long the cache keeps a prefix nobody reads.</param>
public sealed record PromptCacheTerms(double RewriteRatio, TimeSpan Lifetime)
{
    // Anthropic documents 5 minutes; OpenAI 5 to 10 minutes of inactivity.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5);

    /// <summary>The terms of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="at">When: prices have dates.</param>
    /// <returns>The terms; <see langword="null"/> where reading from the cache is not cheaper than writing, or no price is known.</returns>
    public static PromptCacheTerms? Of(ModelInfo model, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Prices.Count == 0)
            return null;
        var rates = model.PricesAt(at).Rates;
        return rates.CacheRead > 0 && rates.CacheWrite5Minutes > rates.CacheRead
            ? new PromptCacheTerms((double)(rates.CacheWrite5Minutes - rates.CacheRead) / rates.CacheRead, DefaultLifetime)
            : null;
    }
}
