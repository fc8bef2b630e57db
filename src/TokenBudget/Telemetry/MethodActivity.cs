using TokenBudget.Models;

namespace TokenBudget.Telemetry;

/// <summary>What one method of an agent did since the process started. The ledger does not keep these.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Method">Its method.</param>
public sealed record MethodActivity(string Agent, string Method)
{
    /// <summary>Model requests, those that failed included.</summary>
    public long Requests { get; init; }

    /// <summary>Input tokens its window did not send.</summary>
    public long SavedTokens { get; init; }

    /// <summary>What these would have cost at least: as if the provider had read every one of them from its prompt cache.</summary>
    public Usd SavedCost { get; init; }

    /// <summary>Requests from which the window left something out.</summary>
    public long TrimmedRequests { get; init; }

    /// <summary>Input tokens of the newest request, as the provider counts; 0 before the first.</summary>
    public long NewestInputTokens { get; init; }

    /// <summary>Input tokens of the largest request.</summary>
    public long LargestInputTokens { get; init; }

    /// <summary>The most a request may have; <see langword="null"/>, no limit.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>Our own time: neither waiting nor the provider. Of many requests one in eight is measured, unless somebody listens to <c>tokenbudget.overhead</c>, and stands for the others.</summary>
    public TimeSpan Overhead { get; init; }

    /// <summary>How long requests waited for their rate limit.</summary>
    public TimeSpan Throttled { get; init; }
}
