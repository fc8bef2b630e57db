namespace TokenBudget.Testing;

/// <summary>Why a request is not admitted.</summary>
internal readonly record struct RateLimitRefusal(long Limit, string Unit, TimeSpan Wait)
{
    /// <summary>Whole seconds, rounded up, at least 1: told to wait 0 a client would be early through no fault of its own.</summary>
    public int RetryAfterSeconds => Math.Max(1, (int)Math.Ceiling(Wait.TotalSeconds));
}
