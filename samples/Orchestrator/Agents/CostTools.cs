using System.ComponentModel;
using TokenBudget;
using TokenBudget.Costs;

namespace Orchestrator.Agents;

/// <summary>What the agent can find out about itself.</summary>
/// <param name="runtime">Who counts.</param>
public sealed class CostTools(TokenBudgetRuntime runtime)
{
    [DisplayName("report_cost")]
    [Description("What this agent has spent and saved so far, from the ledger and the budgets. Amounts are US dollars.")]
    public async Task<CostReport> ReportCostAsync(CancellationToken cancellationToken)
    {
        var totals = await runtime.Ledger.TotalAsync(new LedgerQuery(), cancellationToken: cancellationToken);
        var activity = runtime.Telemetry.Activity;
        return new CostReport(
            totals.Sum(static total => total.Requests),
            totals.Sum(static total => total.Cost.Dollars),
            totals.Sum(static total => total.AvoidedCost.Dollars),
            activity.Sum(static method => method.SavedTokens),
            activity.Sum(static method => method.SavedCost.Dollars),
            [.. runtime.Costs.GetStatus().Select(static budget => new BudgetLine(budget.Name, budget.Period.ToString(), budget.Settled.Dollars, budget.Limit?.Dollars, budget.IsPaused))]);
    }
}
