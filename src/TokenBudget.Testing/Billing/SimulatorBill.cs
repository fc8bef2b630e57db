using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>What the simulated provider would invoice. Exact.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatorBill
{
    private const decimal PicoDollarsPerUsd = 1_000_000_000_000m;

    /// <summary>All requests to <c>/v1/messages</c>, refused ones too.</summary>
    public required int Requests { get; init; }

    /// <summary>Requests answered 200, cut streams too.</summary>
    public required int SucceededRequests { get; init; }

    /// <summary>Requests answered 429.</summary>
    public required int RateLimited { get; init; }

    /// <summary>Input tokens neither read from the cache nor written to it.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Input tokens read from the cache.</summary>
    public required long CacheReadTokens { get; init; }

    /// <summary>Input tokens written to the cache, for 5 minutes or 1 hour.</summary>
    public required long CacheWriteTokens { get; init; }

    /// <summary>Output tokens.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The sum, in pico-dollars (10⁻¹² $).</summary>
    public required long PicoDollars { get; init; }

    /// <summary>Prompt tokens of the largest request sent, refused ones too.</summary>
    public required int LargestRequestTokens { get; init; }

    /// <summary>The sum, in dollars.</summary>
    public decimal Usd => PicoDollars / PicoDollarsPerUsd;

    /// <summary>The bill of any part of a log: of one client, one hour, one model.</summary>
    /// <param name="exchanges">The part.</param>
    /// <exception cref="OverflowException">The sum is beyond nine million dollars.</exception>
    public static SimulatorBill Of(IEnumerable<SimulatedExchange> exchanges)
    {
        ArgumentNullException.ThrowIfNull(exchanges);
        var all = exchanges as IReadOnlyCollection<SimulatedExchange> ?? [.. exchanges];
        return new SimulatorBill
        {
            Requests = all.Count,
            SucceededRequests = all.Count(exchange => exchange.Status == 200),
            RateLimited = all.Count(exchange => exchange.Status == 429),
            InputTokens = all.Sum(exchange => (long)exchange.InputTokens),
            CacheReadTokens = all.Sum(exchange => (long)exchange.CacheReadTokens),
            CacheWriteTokens = all.Sum(exchange => (long)exchange.CacheWrite5MinutesTokens + exchange.CacheWrite1HourTokens),
            OutputTokens = all.Sum(exchange => (long)exchange.OutputTokens),
            PicoDollars = all.Sum(exchange => exchange.PicoDollars),
            LargestRequestTokens = all.Select(exchange => exchange.PromptTokens).DefaultIfEmpty().Max(),
        };
    }

    /// <summary>One readable line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"${Usd:0.000000} for {SucceededRequests} of {Requests} requests ({RateLimited} rate limited): "
        + $"{InputTokens:N0} fresh, {CacheReadTokens:N0} cache read, {CacheWriteTokens:N0} cache written, {OutputTokens:N0} output tokens; "
        + $"largest request {LargestRequestTokens:N0}");
}
