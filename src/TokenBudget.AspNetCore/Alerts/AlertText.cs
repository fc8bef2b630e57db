using System.Globalization;
using System.Text.Json;
using TokenBudget.AspNetCore.Metrics;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>Alerts of the runtime as messages.</summary>
internal static class AlertText
{
    private const int CriticalPercent = 100;
    private const int WarningPercent = 80;

    public static AlertMessage Of(TokenBudgetAlert alert) => alert switch
    {
        { Kind: TokenBudgetAlertKind.BudgetThreshold, Budget: { } budget } => Message(
            alert,
            budget.Percent switch
            {
                >= CriticalPercent => AlertSeverity.Critical,
                < WarningPercent => AlertSeverity.Info,
                _ => AlertSeverity.Warning,
            },
            budget is { Percent: { } percent, Limit: { } limit }
                ? string.Create(CultureInfo.InvariantCulture, $"Budget {budget.Budget} has spent {Dollars(budget.Settled)}: {percent} % of its limit of {Dollars(limit)} is reached.")
                : $"Budget {budget.Budget} has spent {Dollars(budget.Settled)}: the threshold of {Dollars(budget.Threshold)} is reached.") with
        {
            Budget = new AlertBudget(budget.Budget, budget.Settled.Dollars, budget.Limit?.Dollars, budget.Threshold.Dollars, budget.Percent),
        },
        // No alarm: somebody is looking at it already. It does not end with the period.
        { Kind: TokenBudgetAlertKind.BudgetPaused, Status: { PausedByHand: { } pause } status } => Message(
            alert, AlertSeverity.Warning, $"Budget {status.Name} was paused by hand{(pause.Reason is { } reason ? $": “{reason}”" : string.Empty)}. Calls are refused until somebody resumes it.") with
        {
            Budget = new AlertBudget(status.Name, status.Settled.Dollars, status.Limit?.Dollars, null, null) { PausedByHand = HandPause.Of(status) },
        },
        { Kind: TokenBudgetAlertKind.BudgetPaused, Status: { } status } => Message(
            alert, AlertSeverity.Critical, $"Budget {status.Name} is paused: {Dollars(status.Settled)} of {Dollars(status.Limit)} are spent. Calls are refused until somebody resumes it or the next period begins.") with
        {
            Budget = new AlertBudget(status.Name, status.Settled.Dollars, status.Limit?.Dollars, null, null),
            Until = status.PeriodEnd,
        },
        { Kind: TokenBudgetAlertKind.BudgetResumed, Status: { } status } => Message(alert, AlertSeverity.Info, $"Budget {status.Name} goes on.") with
        {
            Budget = new AlertBudget(status.Name, status.Settled.Dollars, status.Limit?.Dollars, null, null),
        },
        { Kind: TokenBudgetAlertKind.LedgerFailing } => Message(alert, AlertSeverity.Critical, "The ledger cannot be written. Budgets in dollars are closed until it can; lines are kept."),
        { Kind: TokenBudgetAlertKind.LedgerRestored } => Message(alert, AlertSeverity.Info, "The ledger takes lines again."),
        { Kind: TokenBudgetAlertKind.SharedLimitsAway } => Message(alert, AlertSeverity.Warning, "The store through which processes share rate limits does not answer."),
        { Kind: TokenBudgetAlertKind.SharedLimitsBack } => Message(alert, AlertSeverity.Info, "Rate limits are shared with the other processes again."),
        // What a provider or a store says may quote a prompt, and a conversation's id may be a person's name: neither is told.
        { Kind: TokenBudgetAlertKind.SummaryFailed, Summary: { } summary } => Message(
            alert, AlertSeverity.Warning, $"A summary for {alert.Agent} came to nothing ({summary.Reason}); the conversation stays as it is."),
        { Kind: TokenBudgetAlertKind.SpendLimitReached, SpendLimit: { } pause } => Message(
            alert, AlertSeverity.Critical, $"{pause.Provider} refuses calls because the account's money is used up.") with
        {
            Provider = pause.Provider,
            Until = pause.Until,
        },
        _ => Message(alert, AlertSeverity.Warning, $"{alert.Kind}."),
    };

    /// <summary>As people read money: whole cents, and what is less than a cent with two digits.</summary>
    public static string Dollars(Usd? amount) => amount switch
    {
        null => "no limit",
        { Dollars: > 0 and < 0.01m } some => "$" + some.Dollars.ToString("0.00##########", CultureInfo.InvariantCulture),
        { } some => "$" + some.Dollars.ToString("#,0.00", CultureInfo.InvariantCulture),
    };

    private static AlertMessage Message(TokenBudgetAlert alert, AlertSeverity severity, string text) =>
        new(JsonNamingPolicy.CamelCase.ConvertName(alert.Kind.ToString()), severity, alert.At, alert.Origin is { } origin ? $"{origin}: {text}" : text) { Agent = alert.Agent, Origin = alert.Origin };
}
