namespace TokenBudget.Costs;

/// <summary>Which lines of the ledger are meant; unset values mean all.</summary>
public sealed record LedgerQuery
{
    /// <summary>Lines at or after this instant.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Lines before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Lines charged to this budget.</summary>
    public string? Budget { get; init; }

    /// <summary>Lines of this agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Lines of this method, of whatever agent.</summary>
    public string? Method { get; init; }

    /// <summary>Lines of this model.</summary>
    public string? Model { get; init; }

    /// <summary>Lines of this tenant; empty, those that name none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Lines of requests that ended so.</summary>
    public LedgerOutcome? Outcome { get; init; }

    /// <summary>Whether a line is meant. Stores translate this into their own language; the conformance suite holds them to it.</summary>
    /// <param name="entry">The line.</param>
    public bool Matches(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return (From is null || entry.At >= From)
            && (Until is null || entry.At < Until)
            && (Budget is null || entry.Budget == Budget)
            && (Agent is null || entry.Agent == Agent)
            && (Method is null || entry.Method == Method)
            && (Model is null || entry.Model == Model)
            && (Tenant is null || (entry.Tenant ?? string.Empty) == Tenant)
            && (Outcome is null || entry.Outcome == Outcome);
    }
}
