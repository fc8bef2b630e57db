using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Summarization;

namespace TokenBudget;

/// <summary>An alert as it goes to other processes: names and numbers, and why somebody paused a budget. What providers and stores say in their own words stays here, and so do ids of conversations.</summary>
internal static class SharedAlert
{
    private const int MaxOriginLength = 300;

    public static string Write(TokenBudgetAlert alert, string origin)
    {
        var fields = new MessageFields().Add("kind", alert.Kind.ToString()).Add("at", alert.At).Add("origin", origin).Add("agent", alert.Agent);
        _ = alert switch
        {
            { Budget: { } budget } => fields.Add("budget", budget.Budget).Add("from", budget.PeriodStart).Add("limit", budget.Limit?.PicoDollars)
                .Add("settled", budget.Settled.PicoDollars).Add("threshold", budget.Threshold.PicoDollars).Add("percent", budget.Percent),
            { Status: { } status } => fields.Add("budget", status.Name).Add("period", status.Period.ToString()).Add("from", status.PeriodStart).Add("until", status.PeriodEnd)
                .Add("limit", status.Limit?.PicoDollars).Add("settled", status.Settled.PicoDollars).Add("reserved", status.Reserved.PicoDollars).Add("approved", status.Approved.PicoDollars)
                .Add("byHand", status.PausedByHand?.At).Add("why", status.PausedByHand?.Reason),
            { SpendLimit: { } pause } => fields.Add("provider", pause.Provider).Add("error", pause.Error.Kind.ToString()).Add("until", pause.Until),
            { Summary: { } summary } => fields.Add("reason", summary.Reason.ToString()).Add("messages", summary.UncoveredMessages),
            _ => fields,
        };
        return fields.Write();
    }

    /// <summary>The alert; nothing where it does not say what it has to.</summary>
    public static TokenBudgetAlert? Read(string content)
    {
        if (MessageFields.Read(content) is not { } fields
            || fields.Enum<TokenBudgetAlertKind>("kind") is not { } kind
            || fields.Time("at") is not { } at
            || fields.Text("origin") is not { Length: > 0 and <= MaxOriginLength } origin)
            return null;
        var alert = new TokenBudgetAlert(kind, at) { Agent = fields.Text("agent"), Origin = origin };
        return kind switch
        {
            TokenBudgetAlertKind.BudgetThreshold => fields.Text("budget") is not { } budget ? null : alert with
            {
                Budget = new BudgetAlert(budget, fields.Time("from"), Dollars("threshold") ?? default, (int?)fields.Number("percent"), Dollars("settled") ?? default, Dollars("limit"), at),
            },
            TokenBudgetAlertKind.BudgetPaused or TokenBudgetAlertKind.BudgetResumed => fields.Text("budget") is not { } budget || fields.Enum<BudgetPeriod>("period") is not { } period ? null : alert with
            {
                Status = new BudgetStatus(budget, period, fields.Time("from"), Dollars("limit"), Dollars("settled") ?? default, Dollars("reserved") ?? default)
                {
                    PeriodEnd = fields.Time("until"),
                    Approved = Dollars("approved") ?? default,
                    IsPaused = kind == TokenBudgetAlertKind.BudgetPaused,
                    PausedByHand = fields.Time("byHand") is { } byHand ? new BudgetPause(byHand, ReasonOf(fields.Text("why"))) : null,
                },
            },
            TokenBudgetAlertKind.SpendLimitReached =>
                fields.Text("provider") is not { } provider || fields.Time("until") is not { } until || fields.Enum<ProviderErrorKind>("error") is not { } error ? null : alert with
                {
                    SpendLimit = new SpendLimitPause(provider, new ProviderError { Kind = error }, until),
                },
            TokenBudgetAlertKind.SummaryFailed => fields.Enum<SummaryFailureReason>("reason") is not { } reason ? null : alert with
            {
                Summary = new SummaryFailure(string.Empty, reason, null, (int)(fields.Number("messages") ?? 0), null, at),
            },
            _ => alert,
        };

        static string? ReasonOf(string? text) => text is { Length: <= BudgetPause.MaxReasonLength } && !text.Any(char.IsControl) ? text : null;

        Usd? Dollars(string name) => fields.Number(name) is { } some ? new Usd(some) : null;
    }
}
