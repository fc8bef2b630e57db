namespace TokenBudget.Costs;

/// <summary>What the lines of one total have in common. What they were not grouped by is empty.</summary>
public sealed record LedgerKey : IComparable<LedgerKey>
{
    /// <summary>The day, in UTC.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The agent's name.</summary>
    public string Agent { get; init; } = string.Empty;

    /// <summary>The method's name.</summary>
    public string Method { get; init; } = string.Empty;

    /// <summary>The model id.</summary>
    public string Model { get; init; } = string.Empty;

    /// <summary>The tenant; empty also for lines that name none.</summary>
    public string Tenant { get; init; } = string.Empty;

    /// <summary>The budget's name.</summary>
    public string Budget { get; init; } = string.Empty;

    /// <summary>The key of a line.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="by">What it is told apart by.</param>
    public static LedgerKey Of(LedgerEntry entry, LedgerGrouping by)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new()
        {
            Day = by.HasFlag(LedgerGrouping.Day) ? DateOnly.FromDateTime(entry.At.UtcDateTime) : null,
            Agent = Text(LedgerGrouping.Agent, entry.Agent),
            Method = Text(LedgerGrouping.Method, entry.Method),
            Model = Text(LedgerGrouping.Model, entry.Model),
            Tenant = Text(LedgerGrouping.Tenant, entry.Tenant),
            Budget = Text(LedgerGrouping.Budget, entry.Budget),
        };

        string Text(LedgerGrouping part, string? text) => by.HasFlag(part) ? text ?? string.Empty : string.Empty;
    }

    /// <summary>By day, agent, method, model, tenant, budget; texts by their UTF-16 code units.</summary>
    /// <param name="other">Another key.</param>
    public int CompareTo(LedgerKey? other)
    {
        if (other is null)
            return 1;
        var order = Nullable.Compare(Day, other.Day);
        ReadOnlySpan<(string Left, string Right)> texts =
            [(Agent, other.Agent), (Method, other.Method), (Model, other.Model), (Tenant, other.Tenant), (Budget, other.Budget)];
        for (var i = 0; order == 0 && i < texts.Length; i++)
            order = string.CompareOrdinal(texts[i].Left, texts[i].Right);
        return order;
    }
}
