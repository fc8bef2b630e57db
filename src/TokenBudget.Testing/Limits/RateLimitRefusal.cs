namespace TokenBudget.Testing;

/// <summary>Why a request is not admitted.</summary>
internal readonly record struct RateLimitRefusal
{
    public required LimitUnit Unit { get; init; }

    /// <summary>Whether the limit is the workspace's and not the organisation's.</summary>
    public bool IsWorkspace { get; init; }

    /// <summary>Whether there was room, but traffic grew too fast.</summary>
    public bool IsAcceleration { get; init; }

    public required long Limit { get; init; }

    public required long Used { get; init; }

    public required long Requested { get; init; }

    public required TimeSpan Wait { get; init; }

    /// <summary>Whether even a full bucket could not admit it.</summary>
    public bool NeverFits => Requested > Limit;

    /// <summary>Whole seconds, rounded up, at least 1: told to wait 0 a client would be early through no fault of its own.</summary>
    public int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(Wait.TotalSeconds));
}
