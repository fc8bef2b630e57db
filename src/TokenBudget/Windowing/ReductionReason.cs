namespace TokenBudget.Windowing;

/// <summary>Why a window left something out.</summary>
public enum ReductionReason
{
    /// <summary>Nothing was left out.</summary>
    None,

    /// <summary>The limit in tokens.</summary>
    Tokens,

    /// <summary>The limit in messages.</summary>
    Messages,

    /// <summary>One part alone was over the limit, and its tool results were shortened.</summary>
    Oversize,
}
