namespace TokenBudget;

/// <summary>Answers a repeated call from memory. The key is everything the call sends; only complete answers are kept.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class CachedAttribute : Attribute
{
    /// <summary>How long an answer serves, in minutes. Zero: the configured default (60).</summary>
    public int TtlMinutes { get; set; }

    /// <summary>Who may share an answer.</summary>
    public CacheScope Scope { get; set; }

    /// <summary>How many minutes after its time an answer may still serve while the provider fails. Zero: not at all.</summary>
    public int StaleMinutes { get; set; }

    /// <summary>Whether an answer that calls tools is kept. A hit does not run them again.</summary>
    public bool ToolCalls { get; set; }

    /// <summary>Whether a call with a temperature above 0 is cached: everybody then gets the one answer that was drawn first.</summary>
    public bool AnyTemperature { get; set; }
}
