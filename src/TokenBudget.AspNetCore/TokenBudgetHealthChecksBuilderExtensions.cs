using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBudget.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the health check.</summary>
public static class TokenBudgetHealthChecksBuilderExtensions
{
    /// <summary>Adds <see cref="TokenBudgetHealthCheck"/>.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What unwritten ledger lines mean; unset, degraded.</param>
    /// <param name="tags">Tags to select the check by.</param>
    public static IHealthChecksBuilder AddTokenBudget(
        this IHealthChecksBuilder builder, string name = "tokenbudget", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddCheck<TokenBudgetHealthCheck>(name, failureStatus ?? HealthStatus.Degraded, tags ?? []);
    }
}
