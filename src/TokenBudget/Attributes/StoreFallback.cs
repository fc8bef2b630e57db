namespace TokenBudget;

/// <summary>How a rate limit that is shared with other processes is held while the store they share is away. Limits in dollars always refuse then.</summary>
public enum StoreFallback
{
    /// <summary>Each process keeps to an equal part of the limit, so that all together stay below it. A process that has not yet heard from the store has no part.</summary>
    LocalShare,

    /// <summary>What does not fit the lease at hand is refused, and everything once the lease is over.</summary>
    FailClosed,

    /// <summary>Each process keeps to the whole limit by itself: together they may go over it.</summary>
    Open,
}
