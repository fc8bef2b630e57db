namespace TokenBudget.Models;

/// <summary>The prices of a model from one date on.</summary>
public sealed record ModelPrices
{
    private readonly PriceTier[] _tiers = [];

    /// <summary>The first instant the prices hold; <see langword="null"/>, since ever.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The rates of an ordinary request.</summary>
    public required TokenRates Rates { get; init; }

    /// <summary>The rates of large requests, by rising threshold.</summary>
    public IReadOnlyList<PriceTier> Tiers
    {
        get => _tiers;
        init => _tiers = [.. value];
    }

    /// <summary>The rates of one request: past a threshold the whole request takes the tier's price.</summary>
    /// <param name="inputTokens">All input tokens of the request.</param>
    public TokenRates RatesFor(long inputTokens)
    {
        var rates = Rates;
        foreach (var tier in _tiers)
            if (inputTokens > tier.AboveInputTokens)
                rates = tier.Rates;
        return rates;
    }
}
