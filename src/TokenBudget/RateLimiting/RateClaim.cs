namespace TokenBudget.RateLimiting;

/// <summary>What a request asks for.</summary>
/// <param name="Bound">The most it should use, as its caller says.</param>
/// <param name="Expected">What is held for it: the bound, or what was learned.</param>
internal readonly record struct RateClaim(TokenDemand Bound, TokenDemand Expected)
{
    public RateClaim(TokenDemand bound)
        : this(bound, bound)
    {
    }

    /// <summary>By how much it may use more than is held.</summary>
    public TokenDemand Gap => new(Math.Max(0, Bound.InputTokens - Expected.InputTokens), Math.Max(0, Bound.OutputTokens - Expected.OutputTokens));

    /// <summary>The most it is taken to use when nothing is heard of it.</summary>
    public TokenDemand Most => new(Math.Max(Bound.InputTokens, Expected.InputTokens), Math.Max(Bound.OutputTokens, Expected.OutputTokens));

    /// <summary>The same, once its input is known.</summary>
    public RateClaim WithInput(long inputTokens) => new(Bound with { InputTokens = inputTokens }, Expected with { InputTokens = inputTokens });

    /// <summary>Whether more is held than its caller says.</summary>
    public bool IsRaised => Expected.InputTokens > Bound.InputTokens || Expected.OutputTokens > Bound.OutputTokens;
}
