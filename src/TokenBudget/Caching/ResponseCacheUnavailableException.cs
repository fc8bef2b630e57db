namespace TokenBudget.Caching;

/// <summary>The answers in memory are cleared, but the second level, or other processes, could not be told: they may still find theirs. Try again.</summary>
public sealed class ResponseCacheUnavailableException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="innerException">What the store said.</param>
    public ResponseCacheUnavailableException(Exception innerException)
        : base("The answers in memory are cleared, but the store that is shared with other processes did not take the order: they may still find theirs. Clear again when it answers.", innerException)
    {
    }
}
