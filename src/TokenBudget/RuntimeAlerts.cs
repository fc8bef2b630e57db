using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TokenBudget.Calls;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Sharing;
using TokenBudget.Summarization;
using TokenBudget.Telemetry;

namespace TokenBudget;

/// <summary>Turns what the parts of a runtime tell into log lines and <see cref="TokenBudgetRuntime.AlertRaised"/>. Thread-safe.</summary>
internal sealed partial class RuntimeAlerts(TokenBudgetRuntime runtime, TokenBudgetTelemetry telemetry, TimeProvider time, ILogger logger)
{
    // More are told twice rather than remembered.
    private const int MaxPauses = 10_000;

    private readonly ConcurrentDictionary<(string Budget, BudgetPeriod Period, DateTimeOffset? From), (bool IsPaused, DateTimeOffset? ByHand)> _pauses = [];

    /// <summary>Each handler is called though another threw.</summary>
    public event EventHandler<TokenBudgetAlert>? Raised;

    public void Watch(CostTracker costs)
    {
        costs.AlertRaised += (_, alert) =>
        {
            telemetry.Alert(alert.Budget);
            LogThreshold(alert.Budget, alert.Settled, alert.Threshold, alert.Limit);
            Raise(new TokenBudgetAlert(TokenBudgetAlertKind.BudgetThreshold, alert.At) { Budget = alert });
        };
        costs.LineSetAside += (_, line) =>
        {
            telemetry.Failure("ledger line set aside");
            LogSetAside(line.Id, line.Agent, line.Method, line.Cost);
        };
        costs.PauseChanged += (_, status) =>
        {
            LogPause(status.Name, status switch { { PausedByHand: not null } => "was paused by hand", { IsPaused: true } => "is paused", _ => "goes on" }, status.Settled, status.Limit);
            var alert = new TokenBudgetAlert(status.IsPaused ? TokenBudgetAlertKind.BudgetPaused : TokenBudgetAlertKind.BudgetResumed, time.GetUtcNow()) { Status = status };
            if (IsNews(alert))
                Raise(alert);
        };
        costs.LedgerStateChanged += (_, _) =>
        {
            var failing = costs.IsLedgerFailing;
            LogLedger(failing ? "refuses lines; budgets are closed until it takes them" : "takes lines again");
            Raise(new TokenBudgetAlert(failing ? TokenBudgetAlertKind.LedgerFailing : TokenBudgetAlertKind.LedgerRestored, time.GetUtcNow()));
        };
    }

    public void Watch(ProviderGuard providers) => providers.SpendLimitReached += pause =>
    {
        LogSpendLimit(pause.Provider, pause.Error, pause.Until);
        Raise(new TokenBudgetAlert(TokenBudgetAlertKind.SpendLimitReached, time.GetUtcNow()) { SpendLimit = pause });
    };

    public void Watch(SharedRateLimits shared) => shared.AwayChanged += failure =>
    {
        LogStore(failure is null ? "is back" : "is away", failure?.GetType().Name);
        Raise(new TokenBudgetAlert(failure is null ? TokenBudgetAlertKind.SharedLimitsBack : TokenBudgetAlertKind.SharedLimitsAway, time.GetUtcNow()));
    };

    public void Watch(ConversationSummarizer summarizer, EffectivePolicy policy) => summarizer.Failed += (_, failure) =>
    {
        telemetry.Failure("summary");
        // The kind of the exception alone: providers quote prompts in theirs.
        LogSummaryFailure(policy.Agent, policy.Method, failure.ConversationId, failure.Reason, failure.Exception?.GetType().Name, failure.UncoveredMessages);
        Raise(new TokenBudgetAlert(TokenBudgetAlertKind.SummaryFailed, failure.At) { Agent = policy.Agent, Summary = failure });
    };

    /// <summary>Whether nobody was told before. A pause, and its end, several processes find out, each by itself and from each other.</summary>
    public bool IsNews(TokenBudgetAlert alert)
    {
        if (alert.Status is not { } status)
            return true;
        if (_pauses.Count >= MaxPauses)
            _pauses.Clear();
        var key = (status.Name, status.Period, status.PeriodStart);
        var state = (status.IsPaused, status.PausedByHand?.At);
        while (!_pauses.TryAdd(key, state))
        {
            if (!_pauses.TryGetValue(key, out var known))
                continue;
            if (known == state)
                return false;
            if (_pauses.TryUpdate(key, state, known))
                return true;
        }

        return true;
    }

    /// <summary>Tells all who listen.</summary>
    public void Raise(TokenBudgetAlert alert)
    {
        foreach (var handler in Raised?.GetInvocationList() ?? [])
        {
            try
            {
                ((EventHandler<TokenBudgetAlert>)handler)(runtime, alert);
            }
            catch (Exception exception)
            {
                LogBadHandler(exception, alert.Kind);
            }
        }
    }

    [LoggerMessage(2, LogLevel.Warning, "Budget {Budget} has spent {Settled}, which reaches {Threshold} (limit {Limit})")]
    private partial void LogThreshold(string budget, Usd settled, Usd threshold, Usd? limit);

    [LoggerMessage(3, LogLevel.Warning, "A summary of conversation {Conversation} by {Agent}.{Method} came to nothing ({Reason} {Error}); its {Messages} newest messages stay as they are")]
    private partial void LogSummaryFailure(string agent, string method, string conversation, SummaryFailureReason reason, string? error, int messages);

    [LoggerMessage(4, LogLevel.Error, "A handler of the alert {Alert} failed")]
    private partial void LogBadHandler(Exception exception, TokenBudgetAlertKind alert);

    [LoggerMessage(5, LogLevel.Error, "{Provider} refuses calls because the account's money is used up ({Error}); calls are refused here until {Until}")]
    private partial void LogSpendLimit(string provider, ProviderError error, DateTimeOffset until);

    [LoggerMessage(7, LogLevel.Error, "The ledger refuses line {Id} of {Agent}.{Method}, {Cost}, though it takes others; its amount is written under the budget set-aside")]
    private partial void LogSetAside(Guid id, string agent, string method, Usd cost);

    [LoggerMessage(8, LogLevel.Warning, "Budget {Budget} {What}: {Settled} of {Limit} spent")]
    private partial void LogPause(string budget, string what, Usd settled, Usd? limit);

    [LoggerMessage(9, LogLevel.Error, "The ledger {What}")]
    private partial void LogLedger(string what);

    [LoggerMessage(10, LogLevel.Warning, "The store through which rate limits are shared {State} ({Error})")]
    private partial void LogStore(string state, string? error);
}
