namespace TokenBudget.Sharing;

/// <summary>What a process holds of a limit and would like to hold, in the limit's own unit.</summary>
/// <param name="Limit">The limit's name.</param>
/// <param name="Capacity">The limit, as this process knows it; at least 1.</param>
/// <param name="Holds">What it uses, has reserved and may still reserve while it waits for the answer. It is not taken away.</param>
/// <param name="Wants">What it would like to hold; not less than it holds.</param>
/// <param name="Needs">How large the next request is that waits. Of all whose request is larger than their fair part, the one that has waited longest comes first.</param>
/// <param name="Alone">What it will use without the store, until it has heard the answer.</param>
public readonly record struct ShareBid(string Limit, long Capacity, long Holds, long Wants, long Needs, long Alone)
{
    /// <summary>The sequence of the last exchange about this limit whose answer the process has; 0, none. A store that has not got that far has been emptied, or restored from a copy.</summary>
    public long Heard { get; init; }
}
