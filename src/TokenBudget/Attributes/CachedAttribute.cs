namespace TokenBudget;

/// <summary>Answers a repeated call from memory. The key is everything the call sends; only complete answers are kept.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class CachedAttribute : Attribute
{
    /// <summary>How long an answer serves, in minutes. Zero: the configured default (60).</summary>
    public int TtlMinutes { get; set; }

    /// <summary>Who may share an answer.</summary>
    public CacheScope Scope { get; set; }
}
