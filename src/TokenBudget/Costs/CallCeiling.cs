using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>What one call may cost, over all its requests: rounds, attempts, and what is sent inside it. At every instant spent and held are within the limit.</summary>
/// <param name="method">Whose call it is.</param>
/// <param name="limit">The most it may cost.</param>
/// <remarks>Thread-safe: a user's own implementation may send several requests at once.</remarks>
internal sealed class CallCeiling(string method, Usd limit)
{
    private readonly Lock _gate = new();
    private Usd _spent;
    private Usd _held;

    /// <summary>Holds the worst case of a request.</summary>
    /// <exception cref="CallCostExceededException">There is no room for it.</exception>
    public void Take(Usd worst)
    {
        lock (_gate)
        {
            var taken = _spent + _held;
            if (taken + worst > limit)
                throw new CallCostExceededException(method, limit, taken, worst);
            _held += worst;
        }
    }

    /// <summary>Puts what a request did cost in the place of what was held for it.</summary>
    public void Settle(Usd held, Usd cost)
    {
        lock (_gate)
        {
            _held -= held;
            _spent += cost;
        }
    }
}
