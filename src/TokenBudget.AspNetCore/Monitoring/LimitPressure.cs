using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>How full a rate limit is: its fullest dimension.</summary>
/// <param name="Dimension">The dimension: <c>requests</c>, <c>inputTokens</c>, <c>outputTokens</c>, <c>tokens</c> or <c>concurrency</c>; none where nothing is limited.</param>
/// <param name="Used">What is used of it or reserved.</param>
/// <param name="Limit">What it allows now.</param>
internal readonly record struct LimitPressure(string? Dimension, long Used, long Limit)
{
    /// <summary>From 0; 1 is full.</summary>
    public double Share => Limit > 0 ? (double)Used / Limit : 0;

    public static LimitPressure Of(RateLimitStatus status)
    {
        var limits = status.Effective;
        var fullest = default(LimitPressure);
        Consider("requests", status.Requests, limits.RequestsPerMinute);
        Consider("inputTokens", status.InputTokens, limits.InputTokensPerMinute);
        Consider("outputTokens", status.OutputTokens, limits.OutputTokensPerMinute);
        Consider("tokens", status.TotalTokens, limits.TokensPerMinute);
        Consider("concurrency", status.Open, limits.MaxConcurrentRequests);
        return fullest;

        void Consider(string dimension, long used, long? limit)
        {
            if (limit is not { } some)
                return;
            var pressure = new LimitPressure(dimension, used, some);
            if (fullest.Dimension is null || pressure.Share > fullest.Share)
                fullest = pressure;
        }
    }

    /// <summary>The dimension as people call it.</summary>
    public string Words => Dimension switch
    {
        "requests" => "requests per minute",
        "inputTokens" => "input tokens per minute",
        "outputTokens" => "output tokens per minute",
        "concurrency" => "requests at a time",
        _ => "tokens per minute",
    };
}
