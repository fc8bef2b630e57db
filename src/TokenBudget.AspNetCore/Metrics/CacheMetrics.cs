namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/metrics/cache</c>: the statistics are of this process since it started, what was avoided is of the ledger.</summary>
internal sealed record CacheMetrics(
    long Hits,
    long Misses,
    long Shared,
    long Stale,
    double? HitRate,
    long Stored,
    long Evicted,
    long Expired,
    long Rejected,
    long Failures,
    long SecondLevelHits,
    long SecondLevelFailures,
    bool IsSecondLevelPaused,
    int Entries,
    long Bytes,
    long MaxBytes,
    long AvoidedRequests,
    long AvoidedTokens,
    decimal AvoidedUsd);

/// <summary>Answer of <c>POST /api/cache/clear</c>.</summary>
internal sealed record CacheCleared(int Cleared, string? Agent, string? Method, string? Scope);
