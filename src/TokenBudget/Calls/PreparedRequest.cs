using TokenBudget.Costs;
using TokenBudget.RateLimiting;
using TokenBudget.Telemetry;

namespace TokenBudget.Calls;

/// <summary>A request for which dollars and tokens are held: it only has to be sent and settled.</summary>
/// <param name="Fitted">What is sent.</param>
/// <param name="Tenant">For whom.</param>
/// <param name="Within">The call it is part of, if that one is budgeted too.</param>
/// <param name="Report">Where the call adds up what it uses, if somebody wants to know.</param>
/// <param name="Hold">What is held under the ceilings of its call and the calls around it; none where they have no ceiling.</param>
/// <param name="Cost">What is held from budgets.</param>
/// <param name="Demand">What was asked of the rate limit.</param>
/// <param name="Rate">What is held of it.</param>
/// <param name="Overhead">Our own work so far.</param>
internal sealed record PreparedRequest(
    FittedRequest Fitted, string? Tenant, EnclosingCall? Within, CallReport? Report, CallHold? Hold, CostReservation Cost, TokenDemand Demand, RateReservation Rate, MeasuredTime Overhead)
{
    /// <summary>The request as a call that may have others inside, where that can be.</summary>
    public EnclosingCall? Enclosing { get; init; }
}
