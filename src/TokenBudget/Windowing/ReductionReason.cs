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

    /// <summary>No limit, but carrying on would have cost more than cutting, or the provider's prompt cache had gone cold.</summary>
    Economy,

    /// <summary>One part alone was over the limit, and its tool results were shortened.</summary>
    Oversize,

    /// <summary>The limit in age.</summary>
    Age,
}
