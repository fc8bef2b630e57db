using TokenBudget.Costs;
using TokenBudget.RateLimiting;

namespace TokenBudget.Calls;

/// <summary>A request for which dollars and tokens are held: it only has to be sent and settled.</summary>
internal sealed record PreparedRequest : FittedRequest
{
    public PreparedRequest(FittedRequest fitted, ChatRequest asked, CallHold? hold, CostReservation cost, TokenDemand demand, RateReservation rate, TimeSpan overhead)
        : base(fitted) =>
        (Tenant, Within, Report, Hold, Cost, Demand, Rate, Overhead) = (asked.Tenant, asked.Within, asked.Report, hold, cost, demand, rate, overhead);

    public string? Tenant { get; }

    /// <summary>The call it is part of, if that one is budgeted too.</summary>
    public EnclosingCall? Within { get; }

    /// <summary>The request as a call that may have others inside, where that can be.</summary>
    public EnclosingCall? Enclosing { get; init; }

    /// <summary>Where the call adds up what it uses, if somebody wants to know.</summary>
    public CallReport? Report { get; }

    /// <summary>What is held under the ceilings of its call and the calls around it; none where they have no ceiling.</summary>
    public CallHold? Hold { get; }

    public CostReservation Cost { get; }

    /// <summary>What was asked of the rate limit.</summary>
    public TokenDemand Demand { get; }

    public RateReservation Rate { get; }

    /// <summary>Our own work so far.</summary>
    public TimeSpan Overhead { get; }
}
