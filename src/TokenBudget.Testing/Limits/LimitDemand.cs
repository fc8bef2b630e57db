namespace TokenBudget.Testing;

/// <summary>What one request asks of the limits. Which limits it meets is the dialect's rule.</summary>
internal readonly record struct LimitDemand
{
    /// <summary>Taken from the limit on input tokens.</summary>
    public long Input { get; init; }

    /// <summary>Must be at hand in the limit on output tokens.</summary>
    public long OutputNeeded { get; init; }

    /// <summary>Taken from the limit on output tokens at admission, given back at the end as far as it was too much.</summary>
    public long OutputReserved { get; init; }

    /// <summary>Taken from the limits on all tokens.</summary>
    public long Total { get; init; }

    /// <summary>Whether output is charged while it is produced; otherwise it is part of <see cref="Total"/>.</summary>
    public bool ChargesOutputAsProduced { get; init; }

    public long Needed(LimitUnit unit) => unit switch
    {
        LimitUnit.InputTokens => Input,
        LimitUnit.OutputTokens => OutputNeeded,
        LimitUnit.Tokens or LimitUnit.TokensPerDay => Total,
        _ => 1,
    };

    public long Taken(LimitUnit unit) => unit == LimitUnit.OutputTokens ? OutputReserved : Needed(unit);
}
