using TokenBudget.Costs;
using TokenBudget.RateLimiting;

namespace TokenBudget.Calls;

/// <summary>
/// A call that may send its model requests through budgeted clients: an implementation of the user's own behind a generated wrapper, or a client in front of
/// a budgeted one. Each such request is booked where it is sent, and charged to the budgets of the calls around it too; these then book nothing themselves.
/// </summary>
/// <param name="costs">Where it is charged; requests that are charged elsewhere are not its own.</param>
/// <param name="policy">Its policy.</param>
/// <param name="request">What is held for it.</param>
/// <remarks>It flows with the call. Thread-safe: an implementation may send several requests at once.</remarks>
internal sealed class EnclosingCall(CostTracker costs, EffectivePolicy policy, PreparedRequest request)
{
    private static readonly AsyncLocal<EnclosingCall?> Ambient = new();

    private readonly Lock _gate = new();
    private TokenDemand _inside;
    private bool _hasRequests;
    private bool _hasEnded;

    public EffectivePolicy Policy => policy;

    public string? Tenant => request.Tenant;

    /// <summary>What is held for it under the ceilings of single calls.</summary>
    public CallHold? Hold => request.Hold;

    /// <summary>The call around this one.</summary>
    public EnclosingCall? Outer => request.Within;

    /// <summary>The innermost call around the running code that is charged to the same budgets and has not ended.</summary>
    public static EnclosingCall? Around(CostTracker costs)
    {
        var call = Ambient.Value;
        while (call is not null && (call._hasEnded || call.Costs != costs))
            call = call.Outer;
        return call;
    }

    private CostTracker Costs => costs;

    /// <summary>The budgets of a request and those of the calls around it; what both name is charged once.</summary>
    /// <param name="policy">The request's policy.</param>
    /// <param name="model">The model it is for.</param>
    /// <param name="tenant">The tenant it is for.</param>
    /// <param name="within">The call around it, if any.</param>
    public static IReadOnlyList<CostBudget> BudgetsOf(EffectivePolicy policy, string model, string? tenant, EnclosingCall? within)
    {
        var own = policy.Budgets.For(model, tenant);
        if (within is null)
            return own;
        var all = own.ToList();
        for (var call = within; call is not null; call = call.Outer)
            all.AddRange(call.Policy.Budgets.For(model, call.Tenant ?? tenant));
        return [.. all.DistinctBy(static budget => (budget.Name, budget.Period))];
    }

    /// <summary>The same cost for the budgets of the calls around, so that these know of it after a restart.</summary>
    /// <param name="within">The call around the request, if any.</param>
    /// <param name="line">The request's own line.</param>
    public static IReadOnlyList<LedgerEntry> LinesAround(EnclosingCall? within, LedgerEntry line)
    {
        if (within is null)
            return [];
        var lines = new List<LedgerEntry>();
        for (var call = within; call is not null; call = call.Outer)
        {
            var (owner, budget) = (call.Policy, call.Policy.Budgets.Name);
            if (budget != line.Budget && !lines.Exists(other => other.Budget == budget))
                lines.Add(line with { Id = Guid.NewGuid(), Agent = owner.Agent, Method = owner.Method, Budget = budget, Tenant = call.Tenant ?? line.Tenant, Outcome = LedgerOutcome.Nested, Usage = default });
        }

        return lines;
    }

    /// <summary>Makes this the call around whatever the caller's method does from here on.</summary>
    public void Enter() => Ambient.Value = this;

    /// <summary>
    /// A request inside is about to take room for itself. What was held for the whole is given back before, or the two could wait for each other.
    /// </summary>
    /// <param name="limiter">The limiter of the request inside; another one than this call's admits this call on its own.</param>
    public void GiveWay(TokenRateLimiter limiter)
    {
        lock (_gate)
            _hasRequests = true;
        request.Cost.Dispose();
        request.Hold?.Dispose();
        if (policy.Limiter == limiter)
            request.Rate.Dispose();
        Outer?.GiveWay(limiter);
    }

    /// <summary>Adds what a request inside used.</summary>
    public void Add(TokenDemand used)
    {
        lock (_gate)
            _inside = new TokenDemand(_inside.InputTokens + used.InputTokens, _inside.OutputTokens + used.OutputTokens);
        Outer?.Add(used);
    }

    /// <summary>The call is over.</summary>
    /// <returns>What the requests inside used; <see langword="null"/> when there was none, so that the call has to be booked.</returns>
    public TokenDemand? End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            return _hasRequests ? _inside : null;
        }
    }
}
