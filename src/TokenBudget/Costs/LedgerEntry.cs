using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>One line of the ledger: what one model request used and cost, or what a cached answer avoided. Never changed once written.</summary>
public sealed record LedgerEntry
{
    /// <summary>Identity; appending the same id twice leaves one line.</summary>
    public required Guid Id { get; init; }

    /// <summary>When the request was admitted, in UTC; this decides the period its cost belongs to.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The agent's name.</summary>
    public required string Agent { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The model that answered.</summary>
    public required string Model { get; init; }

    /// <summary>The budget the cost was charged to.</summary>
    public required string Budget { get; init; }

    /// <summary>The tenant, if the call named one.</summary>
    public string? Tenant { get; init; }

    /// <summary>How the request ended.</summary>
    public LedgerOutcome Outcome { get; init; }

    /// <summary>What it used; for <see cref="LedgerOutcome.Avoided"/> what it would have used.</summary>
    public TokenUsage Usage { get; init; }

    /// <summary>What it cost; for <see cref="LedgerOutcome.Avoided"/> what was not spent.</summary>
    public Usd Cost { get; init; }

    /// <summary>Whether <see cref="Usage"/> is our own count, because the provider reported none.</summary>
    public bool IsEstimate { get; init; }
}
