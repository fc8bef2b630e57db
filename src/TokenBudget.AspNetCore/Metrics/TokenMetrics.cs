using TokenBudget.Costs;
using TokenBudget.RateLimiting;

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
        usage.FreshInput,
        usage.CacheRead,
        usage.CacheWrite5Minutes + usage.CacheWrite1Hour,
        usage.Output,
        usage.Reasoning,
        usage.Total);
}

/// <summary>What this process did since it started; the ledger does not keep these.</summary>
internal sealed record SinceStart(long Requests, long SavedTokens, double ThrottledSeconds, double OverheadSeconds);

/// <summary>A rate limit now; limits that are not set are <see langword="null"/>.</summary>
internal sealed record RateLimitUse(
    string Name,
    long Requests,
    long? RequestsPerMinute,
    long InputTokens,
    long? InputTokensPerMinute,
    long OutputTokens,
    long? OutputTokensPerMinute,
    long? TokensPerMinute,
    int Open,
    int Waiting)
{
    public static RateLimitUse Of(RateLimitStatus status) => new(
        status.Name,
        status.Requests,
        status.Limits.RequestsPerMinute,
        status.InputTokens,
        status.Limits.InputTokensPerMinute,
        status.OutputTokens,
        status.Limits.OutputTokensPerMinute,
        status.Limits.TokensPerMinute,
        status.Open,
        status.Waiting);
}
