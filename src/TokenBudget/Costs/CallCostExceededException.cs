using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>
/// A request was refused because its worst case, with what its call has cost so far, is more than the call may cost (<c>MaxUsdPerCall</c>). It was not sent; the requests before it are
/// paid and in the ledger, and nothing was appended to the conversation.
/// </summary>
public sealed class CallCostExceededException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="method">The agent's method.</param>
    /// <param name="limit">The most a call may cost.</param>
    /// <param name="spent">What the call has cost so far, and what is held for other requests of it that are under way.</param>
    /// <param name="requested">The most the refused request could have cost.</param>
    public CallCostExceededException(string method, Usd limit, Usd spent, Usd requested)
        : base($"A call of {method} may cost {limit} (MaxUsdPerCall): {(spent > Usd.Zero ? $"{spent} spent so far leave no room for" : "that leaves no room for")} a request of up to {requested}. "
            + "Lower MaxOutputTokens or MaxContextTokens, so that the worst case of a request is smaller, or MaxRounds; or raise MaxUsdPerCall.")
    {
        Method = method;
        Limit = limit;
        Spent = spent;
        Requested = requested;
    }

    /// <summary>The agent's method.</summary>
    public string Method { get; }

    /// <summary>The most a call may cost.</summary>
    public Usd Limit { get; }

    /// <summary>What the call has cost so far, and what is held for other requests of it that are under way.</summary>
    public Usd Spent { get; }

    /// <summary>The most the refused request could have cost.</summary>
    public Usd Requested { get; }
}
