namespace TokenBudget.Cli.Requests;

/// <summary>
/// What a limiter could do at best that serves in order of arrival and lets no sliding minute go over the limit: it knows what each request will
/// use, keeps each of the last minute's admissions with its instant, and admits a request at the first instant at which it fits.
/// </summary>
/// <remarks>Shares nothing with the limiter it is compared with. Holds one minute. Not thread-safe.</remarks>
/// <param name="tokensPerMinute">Tokens of a sliding minute.</param>
/// <param name="requestsPerMinute">Requests of a sliding minute; none, without a limit.</param>
internal sealed class SlidingLogOracle(long tokensPerMinute, long? requestsPerMinute)
{
    private readonly Queue<(long Admitted, long Tokens)> _log = new();
    private long _tokens;
    private long _last;

    /// <summary>The tokens of all requests it admitted.</summary>
    public decimal TokensAdmitted { get; private set; }

    /// <summary>Tells when the next request of the trace is admitted, in ticks.</summary>
    /// <returns>The instant; none if the request is larger than the limit and is refused.</returns>
    public long? Admit(TracedRequest request)
    {
        var tokens = request.TotalTokens;
        if (tokens > tokensPerMinute)
            return null;
        var instant = Math.Max(request.Arrived, _last);
        while (_log.TryPeek(out var oldest) && (IsGone(oldest.Admitted) || _tokens + tokens > tokensPerMinute || _log.Count >= requestsPerMinute))
        {
            _log.Dequeue();
            _tokens -= oldest.Tokens;
            instant = Math.Max(instant, oldest.Admitted + TimeSpan.TicksPerMinute);
        }

        _log.Enqueue((instant, tokens));
        _tokens += tokens;
        TokensAdmitted += tokens;
        _last = instant;
        return instant;

        bool IsGone(long admitted) => admitted + TimeSpan.TicksPerMinute <= instant;
    }
}
