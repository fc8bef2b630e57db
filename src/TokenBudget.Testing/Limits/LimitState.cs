namespace TokenBudget.Testing;

/// <summary>How full one bucket is, for the headers.</summary>
internal readonly record struct LimitState(LimitUnit Unit, bool IsWorkspace, long Limit, long Remaining, TimeSpan UntilFull);
