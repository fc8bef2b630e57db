using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The worst case of one request, held under the ceiling of its call and of every call around that one.</summary>
/// <remarks>Thread-safe; the first of settling and disposing counts.</remarks>
internal sealed class CallHold : IDisposable
{
    private readonly CallCeiling[] _ceilings;
    private readonly Usd _amount;
    private int _closed;

    private CallHold(CallCeiling[] ceilings, Usd amount)
    {
        _ceilings = ceilings;
        _amount = amount;
    }

    /// <summary>Holds a request's worst case under all ceilings or none.</summary>
    /// <param name="own">The ceiling of its call, if there is one.</param>
    /// <param name="around">What is held for the call around.</param>
    /// <param name="amount">The worst case.</param>
    /// <returns>None where there is no ceiling.</returns>
    /// <exception cref="CallCostExceededException">One of them has no room.</exception>
    public static CallHold? Take(CallCeiling? own, CallHold? around, Usd amount)
    {
        if (own is null && around is null)
            return null;
        CallCeiling[] ceilings = [.. own is null ? [] : new[] { own }, .. around?._ceilings ?? []];
        for (var taken = 0; taken < ceilings.Length; taken++)
        {
            try
            {
                ceilings[taken].Take(amount);
            }
            catch (CallCostExceededException)
            {
                foreach (var ceiling in ceilings.AsSpan(0, taken))
                    ceiling.Settle(amount, Usd.Zero);
                throw;
            }
        }

        return new CallHold(ceilings, amount);
    }

    /// <summary>The request is over.</summary>
    public void Settle(Usd cost)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        foreach (var ceiling in _ceilings)
            ceiling.Settle(_amount, cost);
    }

    /// <summary>Gives all back: nothing was spent.</summary>
    public void Dispose() => Settle(Usd.Zero);
}
