namespace TokenBudget.RateLimiting;

/// <summary>What a provider charges for output when it admits a request.</summary>
public enum OutputCharge
{
    /// <summary>The longest answer the request allows, beside its input.</summary>
    Maximum,

    /// <summary>The larger of the input and the longest answer, not both.</summary>
    LargerOfInputAndMaximum,

    /// <summary>Nothing: only what is produced counts, when it is.</summary>
    Produced,
}
