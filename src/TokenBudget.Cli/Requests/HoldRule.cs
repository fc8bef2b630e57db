namespace TokenBudget.Cli.Requests;

/// <summary>What a limit holds of what a replayed request reserves.</summary>
internal enum HoldRule
{
    /// <summary>What the answers before have shown of the reservations.</summary>
    Learned,

    /// <summary>All of it.</summary>
    Bound,
}
