namespace TokenBudget.Models;

/// <summary>What the catalogue knows of one model.</summary>
public sealed record ModelInfo
{
    // An array: every response is priced, and a list behind its interface costs as much as the sums.
    private readonly ModelPrices[] _prices = [];

    /// <summary>The id that requests name, for example <c>claude-sonnet-4-5</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Who serves it, for example <c>anthropic</c> or <c>openai</c>, in lower case.</summary>
    public required string Provider { get; init; }

    /// <summary>The most input tokens of a request, if known.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>The most output tokens of a request, if known.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>The shortest prompt prefix the provider caches, in tokens; 0 where unknown or without a prompt cache.</summary>
    public int MinCacheableTokens { get; init; }

    /// <summary>The prices by date, oldest first. Empty: the price is not known.</summary>
    public IReadOnlyList<ModelPrices> Prices
    {
        get => _prices;
        init => _prices = [.. value];
    }

    /// <summary>Whether its price is the same at any time.</summary>
    internal bool HasOnePrice => _prices is [{ From: null }];

    /// <summary>The prices that hold at an instant.</summary>
    /// <param name="at">The instant.</param>
    /// <exception cref="UnknownPriceException">No price is known for that instant.</exception>
    public ModelPrices PricesAt(DateTimeOffset at)
    {
        for (var index = _prices.Length - 1; index >= 0; index--)
            if (_prices[index].From is not { } from || from <= at)
                return _prices[index];
        throw new UnknownPriceException(Id);
    }
}
