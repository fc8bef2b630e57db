using TokenBudget.RateLimiting;

namespace TokenBudget.Cli.Requests;

/// <summary>Under what a trace is replayed.</summary>
/// <param name="TokensPerMinute">The limit of input and output tokens together.</param>
/// <param name="RequestsPerMinute">The limit of requests; none, without one.</param>
/// <param name="Mode">What the limiter holds.</param>
/// <param name="Estimate">What a request reserves.</param>
/// <param name="Service">How long it runs.</param>
/// <param name="Hold">What is held of that.</param>
internal sealed record RequestReplaySetting(long TokensPerMinute, long? RequestsPerMinute, AdmissionMode Mode, RequestEstimate Estimate, ServiceTime Service, HoldRule Hold = HoldRule.Learned)
{
    public string ModeName => Mode == AdmissionMode.Bucket ? "bucket" : "strict";

    public string HoldName => Hold == HoldRule.Learned ? "learned" : "bound";

    public string EstimateName => Estimate switch { RequestEstimate.High4x => "high4x", RequestEstimate.Low50 => "low50", RequestEstimate.Max4K => "max4k", _ => "exact" };

    /// <summary>The limiter of the product, with a queue that never refuses.</summary>
    public TokenRateLimiter CreateLimiter(TimeProvider clock) => new(
        "replay",
        new RateLimits
        {
            TokensPerMinute = TokensPerMinute,
            RequestsPerMinute = RequestsPerMinute,
            Mode = Mode == AdmissionMode.Bucket ? RateLimitMode.ProviderBucket : RateLimitMode.StrictWindow,
            QueueLimit = int.MaxValue,
        },
        clock);

    public UsageEstimator? CreateEstimator() => Hold == HoldRule.Learned ? new UsageEstimator() : null;

    public TokenDemand DemandOf(TracedRequest request) => Estimate switch
    {
        RequestEstimate.High4x => new TokenDemand(4 * request.InputTokens, 4 * request.OutputTokens),
        // Half a token is a token.
        RequestEstimate.Low50 => new TokenDemand((request.InputTokens + 1) / 2, (request.OutputTokens + 1) / 2),
        RequestEstimate.Max4K => new TokenDemand(request.InputTokens, Math.Max(4_096, request.OutputTokens)),
        _ => new TokenDemand(request.InputTokens, request.OutputTokens),
    };
}
