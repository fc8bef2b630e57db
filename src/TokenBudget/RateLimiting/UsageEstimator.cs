namespace TokenBudget.RateLimiting;

/// <summary>
/// Learns from the answers to one kind of request what the next one will use, so that a generous <c>max_tokens</c>, or a prompt that is read from the provider's cache, does
/// not keep room that is never used.
/// </summary>
/// <remarks>
/// <para>What is expected is the caller's upper bound times the 99th percentile of <c>used / bound</c> of the last 256 answers, for input and output apart: with the same bound for all,
/// the 99th percentile of what they used. Below 100 answers the bound itself is expected. A bound that turns out too small is raised by the same quantile, from the first answer on, to at most four times.</para>
/// <para>About one request in a hundred uses more than expected; what <see cref="TokenRateLimiter"/> keeps free for those is the root of the sum of squares of what each open request may use more. About
/// 8 KB. Thread-safe; reading takes no lock, and nothing is allocated per request.</para>
/// </remarks>
public sealed class UsageEstimator
{
    /// <summary>How many answers have to be known before less than the bound is expected.</summary>
    public const int AnswersBeforeTrust = 100;

    // A bound that is off by more is a mistake that another request will not repeat.
    private const double MostRaised = 4;

    private readonly Lock _gate = new();
    private readonly RecentQuantile _inputShares = new();
    private readonly RecentQuantile _outputShares = new();
    private double _inputShare = 1;
    private double _outputShare = 1;

    /// <summary>What a request will probably use.</summary>
    /// <param name="bound">The most it should use.</param>
    public TokenDemand Expect(TokenDemand bound) =>
        new(Share(bound.InputTokens, Volatile.Read(ref _inputShare)), Share(bound.OutputTokens, Volatile.Read(ref _outputShare)));

    /// <summary>Learns from a whole answer; what failed, was broken off or is only estimated teaches nothing.</summary>
    /// <param name="bound">The upper bound of the request.</param>
    /// <param name="used">What the provider counted.</param>
    public void Observe(TokenDemand bound, TokenDemand used)
    {
        lock (_gate)
        {
            Learn(_inputShares, bound.InputTokens, used.InputTokens, ref _inputShare);
            Learn(_outputShares, bound.OutputTokens, used.OutputTokens, ref _outputShare);
        }
    }

    private static long Share(long bound, double share) => share == 1 ? bound : (long)Math.Ceiling(bound * share);

    private static void Learn(RecentQuantile shares, long bound, long used, ref double share)
    {
        if (bound <= 0)
            return;
        shares.Add(used / (double)bound);
        Volatile.Write(ref share, Math.Clamp(shares.Value, shares.Count < AnswersBeforeTrust ? 1 : 0, MostRaised));
    }
}
