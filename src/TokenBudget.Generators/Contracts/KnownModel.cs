namespace TokenBudget.Generators.Contracts;

/// <summary>What the catalogue says of a model.</summary>
/// <param name="Id">The id that requests name.</param>
/// <param name="Provider">Who serves it.</param>
/// <param name="MaxInputTokens">The most input tokens of a request, if known.</param>
/// <param name="MaxOutputTokens">The most output tokens of a request, if known.</param>
/// <param name="MinCacheableTokens">The shortest prefix the provider's prompt cache keeps; 0, unknown.</param>
/// <param name="Rates">The newest prices the catalogue has, by rising size of the request; empty, no price is known.</param>
internal sealed record KnownModel(string Id, string Provider, long? MaxInputTokens, long? MaxOutputTokens, long MinCacheableTokens, IReadOnlyList<KnownRates> Rates)
{
    private const decimal PicoDollars = 1_000_000_000_000;

    /// <summary>What an ordinary request pays for a token that no cache has; null, no price is known.</summary>
    public KnownPrice? Price { get; init; }

    /// <summary>The most a request can cost, in dollars: <c>CostCalculator.WorstCase</c> says the same at run time.</summary>
    public decimal? WorstCaseUsd(long inputTokens, long outputTokens)
    {
        KnownRates? holds = null;
        foreach (var rates in Rates)
            if (inputTokens > rates.AboveInputTokens || rates.AboveInputTokens == 0)
                holds = rates;
        return holds is { } found ? ((inputTokens * found.Input) + (outputTokens * found.Output)) / PicoDollars : null;
    }
}
