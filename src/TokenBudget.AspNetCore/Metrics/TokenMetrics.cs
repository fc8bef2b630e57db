using TokenBudget.Costs;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.RateLimiting;
using TokenBudget.Telemetry;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/metrics/tokens</c>.</summary>
internal sealed record TokenMetrics(
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<AgentTokens> Agents,
    long Requests,
    TokenCounts Tokens,
    SinceStart SinceStart,
    IReadOnlyList<RateLimitUse> RateLimits);

/// <summary>Tokens of one agent and model.</summary>
internal sealed record AgentTokens(string Agent, string Model, long Requests, TokenCounts Tokens);

/// <summary>Tokens in disjoint buckets, as they are billed.</summary>
internal sealed record TokenCounts(long FreshInput, long CacheRead, long CacheWrite, long Output, long Reasoning, long Total)
{
    public static TokenCounts Of(TokenUsage usage) => new(
        usage.FreshInput + usage.AudioInput,
        usage.TotalCacheRead,
        usage.CacheWrite5Minutes + usage.CacheWrite1Hour,
        usage.Output + usage.AudioOutput,
        usage.Reasoning,
        usage.Total);
}

/// <summary>What this process did since it started; the ledger does not keep these.</summary>
internal sealed record SinceStart(
    long Requests,
    long SavedTokens,
    decimal SavedUsd,
    long TrimmedRequests,
    double ThrottledSeconds,
    double OverheadSeconds,
    IReadOnlyList<MethodUse> Methods)
{
    public static SinceStart Of(IReadOnlyList<MethodActivity> methods) => new(
        methods.Sum(static method => method.Requests),
        methods.Sum(static method => method.SavedTokens),
        methods.Sum(static method => method.SavedCost.Dollars),
        methods.Sum(static method => method.TrimmedRequests),
        methods.Sum(static method => method.Throttled.TotalSeconds),
        methods.Sum(static method => method.Overhead.TotalSeconds),
        [.. methods.Select(MethodUse.Of)]);
}

/// <summary>One method: how full its requests are, and what its window left out.</summary>
internal sealed record MethodUse(
    string Agent,
    string Method,
    long Requests,
    long SavedTokens,
    decimal SavedUsd,
    long TrimmedRequests,
    long NewestInputTokens,
    long LargestInputTokens,
    int? MaxInputTokens,
    double ThrottledSeconds,
    double OverheadSeconds)
{
    public static MethodUse Of(MethodActivity method) => new(
        method.Agent,
        method.Method,
        method.Requests,
        method.SavedTokens,
        method.SavedCost.Dollars,
        method.TrimmedRequests,
        method.NewestInputTokens,
        method.LargestInputTokens,
        method.MaxInputTokens,
        method.Throttled.TotalSeconds,
        method.Overhead.TotalSeconds);
}

/// <summary>A rate limit now; limits that are not set are <see langword="null"/>.</summary>
internal sealed record RateLimitUse(
    string Name,
    long Requests,
    long? RequestsPerMinute,
    long InputTokens,
    long? InputTokensPerMinute,
    long OutputTokens,
    long? OutputTokensPerMinute,
    long TotalTokens,
    long? TokensPerMinute,
    int Open,
    int? MaxConcurrentRequests,
    int Waiting,
    double PausedSeconds,
    double FullestShare,
    string? FullestDimension)
{
    /// <summary>The limits are those that hold now: a provider may have reported smaller ones.</summary>
    public static RateLimitUse Of(RateLimitStatus status)
    {
        var pressure = LimitPressure.Of(status);
        return new(
            status.Name,
            status.Requests,
            status.Effective.RequestsPerMinute,
            status.InputTokens,
            status.Effective.InputTokensPerMinute,
            status.OutputTokens,
            status.Effective.OutputTokensPerMinute,
            status.TotalTokens,
            status.Effective.TokensPerMinute,
            status.Open,
            status.Effective.MaxConcurrentRequests,
            status.Waiting,
            status.PausedFor.TotalSeconds,
            pressure.Share,
            pressure.Dimension);
    }
}
