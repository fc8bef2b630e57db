namespace TokenBudget.Caching;

/// <summary>The second level of the response cache could not be cleared: the first level is, but other processes may still find the answers. Try again.</summary>
public sealed class ResponseCacheUnavailableException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="innerException">What the store said.</param>
    public ResponseCacheUnavailableException(Exception innerException)
        : base("The answers in memory are cleared, but the second level of the response cache did not take the order: other processes may still find theirs. Clear again when it answers.", innerException)
    {
    }
}
