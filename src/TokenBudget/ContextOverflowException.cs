using System.Globalization;

namespace TokenBudget;

/// <summary>Something is larger than its limit in tokens and may not be cut: one parameter, or a request's newest message.</summary>
public sealed class ContextOverflowException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="what">What is too large, for example <c>parameter 'ticket'</c>.</param>
    /// <param name="tokens">Its size in tokens.</param>
    /// <param name="limit">The limit in tokens.</param>
    /// <param name="wayOut">What the caller can do.</param>
    public ContextOverflowException(string what, long tokens, long limit, string wayOut)
        : base(string.Create(CultureInfo.InvariantCulture, $"{what} has {tokens:N0} tokens; the limit is {limit:N0}. {wayOut}"))
    {
        Tokens = tokens;
        Limit = limit;
    }

    /// <summary>The size found, in tokens.</summary>
    public long Tokens { get; }

    /// <summary>The limit, in tokens.</summary>
    public long Limit { get; }
}
