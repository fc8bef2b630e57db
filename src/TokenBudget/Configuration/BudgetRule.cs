namespace TokenBudget.Configuration;

/// <summary>
/// A budget that is not any one agent's: for the whole company, for a model whoever uses it, for each tenant. Calls it covers are charged to it
/// besides their agent's budget, and what they spent before it was set up counts.
/// </summary>
public sealed record BudgetRule
{
    /// <summary>The most to spend in one <see cref="Period"/>; unset, tracked without a limit.</summary>
    public decimal? LimitUsd { get; init; }

    /// <summary>The time the limit is for.</summary>
    public BudgetPeriod Period { get; init; } = BudgetPeriod.Day;

    /// <summary>Who has the limit for itself.</summary>
    public BudgetScope Per { get; init; }

    /// <summary>What becomes of a call that does not fit.</summary>
    public AtLimit AtLimit { get; init; }

    /// <summary>Covers calls of this agent; unset, of all.</summary>
    public string? Agent { get; init; }

    /// <summary>Covers calls of methods of this name; unset, of all.</summary>
    public string? Method { get; init; }

    /// <summary>Covers requests to this model; unset, to all.</summary>
    public string? Model { get; init; }

    /// <summary>Covers calls of this tenant; unset, of all.</summary>
    public string? Tenant { get; init; }
}
