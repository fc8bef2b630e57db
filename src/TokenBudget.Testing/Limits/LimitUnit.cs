namespace TokenBudget.Testing;

/// <summary>What a limit counts.</summary>
internal enum LimitUnit
{
    Requests,
    InputTokens,
    OutputTokens,
    Tokens,
    RequestsPerDay,
    TokensPerDay,

    /// <summary>The limit on requests once more, enforced by the second; no header speaks of it.</summary>
    RequestSpacing,
}
