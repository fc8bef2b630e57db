using TokenBudget.Testing;

namespace Orchestrator.Reporting;

/// <summary>One column of the table. Tokens, dollars and refusals are the provider's own figures.</summary>
internal sealed record RunResult
{
    public required string Name { get; init; }

    /// <summary>The figures of the simulator's own bill.</summary>
    public static RunResult Of(string name, TimeSpan wallTime, ProviderSimulator simulator)
    {
        var bill = simulator.Bill;
        return new RunResult
        {
            Name = name,
            WallTime = wallTime,
            Requests = bill.SucceededRequests,
            InputTokens = bill.InputTokens + bill.CacheReadTokens + bill.CacheWriteTokens,
            CachedTokens = bill.CacheReadTokens,
            OutputTokens = bill.OutputTokens,
            CostUsd = bill.Usd,
            RateLimitErrors = bill.RateLimited,
            LargestRequest = bill.LargestRequestTokens,
            Provider = simulator.BaseAddress,
            Verdict = simulator.GetVerdict().ToString().Split('\n')[0],
        };
    }

    public required long Requests { get; init; }

    /// <summary>All input tokens, cached ones included.</summary>
    public required long InputTokens { get; init; }

    public required long CachedTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required decimal CostUsd { get; init; }

    public required long RateLimitErrors { get; init; }

    public required long LargestRequest { get; init; }

    public required TimeSpan WallTime { get; init; }

    /// <summary>Answers from the response cache, and how many questions were repeated.</summary>
    public (long Hits, int Repeated)? CacheHits { get; init; }

    /// <summary>Our own time per model request, median.</summary>
    public TimeSpan? Overhead { get; init; }

    /// <summary>What our ledger says the run cost.</summary>
    public decimal? LedgerUsd { get; init; }

    /// <summary>Where the simulator listened.</summary>
    public Uri? Provider { get; init; }

    /// <summary>What the simulator says of the client's manners, in one line.</summary>
    public string? Verdict { get; init; }
}
