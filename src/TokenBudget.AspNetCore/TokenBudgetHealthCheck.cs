using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenBudget.AspNetCore;

/// <summary>Whether the ledger can be written. While lines wait, budgets in dollars are closed: the next reservation has to write them first.</summary>
/// <param name="runtime">The runtime.</param>
public sealed class TokenBudgetHealthCheck(TokenBudgetRuntime runtime) : IHealthCheck
{
    private readonly TokenBudgetRuntime _runtime = runtime ?? throw new ArgumentNullException(nameof(runtime));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var unwritten = _runtime.Costs.UnwrittenEntries;
        var data = new Dictionary<string, object> { ["unwrittenLedgerLines"] = unwritten };
        return Task.FromResult(unwritten == 0
            ? HealthCheckResult.Healthy("Every ledger line is written.", data)
            : new HealthCheckResult(
                context.Registration.FailureStatus,
                "Ledger lines could not be written; budgets in dollars are closed until they are.",
                data: data));
    }
}
