using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The sum of the ledger's lines that have a key in common.</summary>
public sealed record LedgerTotal
{
    /// <summary>What they have in common.</summary>
    public required LedgerKey Key { get; init; }

    /// <summary>Requests sent to the provider.</summary>
    public long Requests { get; init; }

    /// <summary>What they used.</summary>
    public TokenUsage Usage { get; init; }

    /// <summary>What they cost.</summary>
    public Usd Cost { get; init; }

    /// <summary>Calls answered from the response cache.</summary>
    public long AvoidedRequests { get; init; }

    /// <summary>What those did not use.</summary>
    public TokenUsage AvoidedUsage { get; init; }

    /// <summary>What those did not cost.</summary>
    public Usd AvoidedCost { get; init; }
}
