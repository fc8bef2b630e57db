namespace TokenBudget.Cli.Replay;

/// <summary>What a replayed request sends of the messages before it.</summary>
internal enum ReplayPolicy
{
    /// <summary>All of them, whatever the limit.</summary>
    Unbounded,

    /// <summary>The newest that fit.</summary>
    Sliding,

    /// <summary>Everything until the limit, then the newest that fit the low-water mark.</summary>
    Economic,
}
