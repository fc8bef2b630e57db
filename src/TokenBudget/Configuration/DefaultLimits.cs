namespace TokenBudget.Configuration;

/// <summary>What holds where nobody says anything. Linked into the generator, which says at build what a call may cost.</summary>
internal static class DefaultLimits
{
    /// <summary>Tokens of one request.</summary>
    public const int MaxContextTokens = 50_000;

    /// <summary>Tokens of one answer, at most half of the context.</summary>
    public const int MaxOutputTokens = 4_096;

    /// <summary>Model requests of one call.</summary>
    public const int MaxRounds = 25;

    /// <summary>Attempts of one request, the first included.</summary>
    public const int MaxAttempts = 5;

    /// <summary>The first step of the waits between them.</summary>
    public const double BackoffSeconds = 0.5;

    /// <summary>The end of its doubling.</summary>
    public const double MaxBackoffSeconds = 30;
}
