using TokenBudget.Costs;
using TokenBudget.RateLimiting;

namespace TokenBudget.Calls;

/// <summary>A request for which dollars and tokens are held: it only has to be sent and settled.</summary>
internal sealed record PreparedRequest : FittedRequest
{
    public PreparedRequest(FittedRequest fitted, string? tenant, CostReservation cost, RateReservation rate, TimeSpan overhead)
        : base(fitted) =>
        (Tenant, Cost, Rate, Overhead) = (tenant, cost, rate, overhead);

    public string? Tenant { get; }

    public CostReservation Cost { get; }

    public RateReservation Rate { get; }

    /// <summary>Our own work so far.</summary>
    public TimeSpan Overhead { get; }
}
