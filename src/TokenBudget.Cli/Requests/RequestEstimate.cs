namespace TokenBudget.Cli.Requests;

/// <summary>What a replayed request reserves, measured by what it is settled with.</summary>
internal enum RequestEstimate
{
    /// <summary>As much.</summary>
    Exact,

    /// <summary>Four times as much, as a generous <c>max_tokens</c> does.</summary>
    High4x,

    /// <summary>Half as much: no upper bound, so that debts arise.</summary>
    Low50,

    /// <summary>Its input as it is and 4,096 of output, or as much as there is: the same <c>max_tokens</c> for all.</summary>
    Max4K,
}
