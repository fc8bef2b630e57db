using TokenBudget.AspNetCore.Metrics;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>An alert as it goes over the wire, version 1: fields may be added, none changes its meaning. Holds nothing of prompts, answers or keys.</summary>
/// <param name="Kind">What it is about, for programs: <c>budgetThreshold</c>, <c>rateLimitNear</c>, …</param>
/// <param name="Severity">How soon somebody should look.</param>
/// <param name="At">When, by the runtime's clock.</param>
/// <param name="Text">The same for people.</param>
internal sealed record AlertMessage(string Kind, AlertSeverity Severity, DateTimeOffset At, string Text)
{
    public int V => 1;

    public string Type => "alert";

    /// <summary>Rises within a process; one of another process is recognised by its first part.</summary>
    public string Id { get; init; } = string.Empty;

    public string? Agent { get; init; }

    /// <summary>The process it came up in, where that is another one.</summary>
    public string? Origin { get; init; }

    public AlertBudget? Budget { get; init; }

    public AlertRateLimit? RateLimit { get; init; }

    /// <summary>The host of the provider it concerns.</summary>
    public string? Provider { get; init; }

    /// <summary>When what it tells of ends by itself.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>The budget of an alert.</summary>
internal sealed record AlertBudget(string Name, decimal SettledUsd, decimal? LimitUsd, decimal? ThresholdUsd, int? Percent)
{
    /// <summary>Of a pause: who has made it, where that was somebody and not the limit.</summary>
    public HandPause? PausedByHand { get; init; }
}

/// <summary>The rate limit of an alert.</summary>
internal sealed record AlertRateLimit(string Name, string Dimension, long Used, long Limit, int Waiting);
