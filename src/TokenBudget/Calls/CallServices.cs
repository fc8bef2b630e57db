using System.Net;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Routing;
using TokenBudget.Telemetry;

namespace TokenBudget.Calls;

/// <summary>What every budgeted request needs; one for a process.</summary>
/// <param name="Enabled">Whether anything is done; off, requests pass through.</param>
/// <param name="Models">Context sizes and prices.</param>
/// <param name="AllowUnknownPrices">Whether models without a price may be used.</param>
/// <param name="StatusOf">The HTTP status an SDK's exception carries.</param>
/// <param name="Counters">The counter of each model.</param>
/// <param name="Costs">Budgets in dollars.</param>
/// <param name="Providers">What calls share about their providers.</param>
/// <param name="NestedRetries">Told the method whose client tries again by itself.</param>
/// <param name="UnscopedCache">Told the method whose answers are not cached, because nobody says who may share them.</param>
/// <param name="Tenants">For whom a call is that does not say it.</param>
/// <param name="Overloads">Which models are overloaded.</param>
/// <param name="Telemetry">The meter.</param>
/// <param name="Time">The clock.</param>
internal sealed record CallServices(
    bool Enabled,
    ModelCatalogue Models,
    bool AllowUnknownPrices,
    Func<Exception, HttpStatusCode?>? StatusOf,
    ModelCounters Counters,
    CostTracker Costs,
    ProviderGuard Providers,
    Action<string> NestedRetries,
    Action<string> UnscopedCache,
    ITenantAccessor? Tenants,
    ModelOverloads Overloads,
    TokenBudgetTelemetry Telemetry,
    TimeProvider Time)
{
    /// <summary>When messages are made.</summary>
    public CoarseDate Date { get; } = new(Time);
}
