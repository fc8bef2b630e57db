using TokenBudget.RateLimiting;

namespace TokenBudget.Cli.Requests;

/// <summary>Sends a trace through a real limiter in virtual time: each request reserves when it arrives, runs once it is admitted, and is settled at its end.</summary>
/// <remarks>
/// <para>One thread and one clock: the next event, a timer of the limiter, the end of a request or the arrival of another, is taken when everything
/// the one before led to is done. The same trace gives the same figures.</para>
/// <para>In memory are the requests that wait and run, a minute of admissions, and the wait of each request.</para>
/// </remarks>
internal sealed class RequestReplay : IDisposable
{
    private readonly RequestReplaySetting _setting;
    private readonly AdmissionLog? _log;
    private readonly AdmissionSeries? _series;
    private readonly VirtualClock _clock = new();
    private readonly TokenRateLimiter _limiter;
    private readonly UsageEstimator? _estimator;
    private readonly SlidingLogOracle _oracle;
    private readonly SlidingMinute _oracleMinute;
    private readonly SlidingMinute _admittedTokens;
    private readonly SlidingMinute _bookedTokens;
    private readonly SlidingMinute _admittedRequests;
    private readonly LinkedList<(TracedRequest Request, ValueTask<RateReservation> Admission)> _waiting = [];
    private readonly WaitTimes _waits = new();
    private readonly WaitTimes _oracleWaits = new();
    private decimal _tokensInTime;
    private long _oracleEnd;
    private bool _traceEnded;
    private long _end;
    private int _requests;
    private int _admitted;
    private int _running;

    /// <param name="setting">Under what it is replayed.</param>
    /// <param name="log">Told each admission.</param>
    /// <param name="series">Collects what a plot shows.</param>
    public RequestReplay(RequestReplaySetting setting, AdmissionLog? log = null, AdmissionSeries? series = null)
    {
        _setting = setting;
        _log = log;
        _series = series;
        var tokens = setting.TokensPerMinute;
        _limiter = setting.CreateLimiter(_clock);
        _estimator = setting.CreateEstimator();
        _oracle = new SlidingLogOracle(tokens, setting.RequestsPerMinute);
        _oracleMinute = new SlidingMinute(tokens, series is null ? null : series.OracleTokens.Record);
        _admittedTokens = new SlidingMinute(tokens, series is null ? null : series.Tokens.Record);
        _bookedTokens = new SlidingMinute(tokens);
        _admittedRequests = new SlidingMinute(setting.RequestsPerMinute ?? long.MaxValue);
    }

    /// <summary>Replays a trace. Once only.</summary>
    public RequestReplayResult Run(IEnumerable<TracedRequest> trace, CancellationToken cancellationToken)
    {
        foreach (var request in trace)
        {
            while (_clock.NextDue <= request.Arrived)
                FireNext(cancellationToken);
            _clock.MoveTo(request.Arrived);
            AskOracle(request);
            Arrive(request);
        }

        _traceEnded = true;
        while (_waiting.Count + _running > 0)
            FireNext(cancellationToken);
        _admittedTokens.MoveTo(long.MaxValue);
        _bookedTokens.MoveTo(long.MaxValue);
        _oracleMinute.MoveTo(long.MaxValue);
        return new RequestReplayResult
        {
            Requests = _requests,
            Admitted = _admitted,
            WorstMinuteTokens = _admittedTokens.Worst,
            WorstMinuteBooked = _bookedTokens.Worst,
            WorstMinuteRequests = _admittedRequests.Worst,
            TimeOver = TimeSpan.FromTicks(Math.Max(_admittedTokens.TicksOver, _bookedTokens.TicksOver)),
            Utilisation = _oracle.TokensAdmitted == 0 ? 1 : (double)(_tokensInTime / _oracle.TokensAdmitted),
            End = TimeSpan.FromTicks(_end),
            OracleEnd = TimeSpan.FromTicks(_oracleEnd),
            Waits = _waits,
            OracleWaits = _oracleWaits,
        };
    }

    public void Dispose() => _limiter.Dispose();

    private void FireNext(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _clock.FireNext();
        StartAdmitted();
    }

    private void AskOracle(TracedRequest request)
    {
        // The oracle's time is not over before the trace is.
        _oracleEnd = Math.Max(_oracleEnd, request.Arrived);
        if (_oracle.Admit(request) is not { } instant)
            return;
        _oracleEnd = Math.Max(_oracleEnd, instant);
        _oracleWaits.Add(instant - request.Arrived);
        _oracleMinute.Add(instant, request.TotalTokens);
    }

    private void Arrive(TracedRequest request)
    {
        _requests++;
        try
        {
            _waiting.AddLast((request, _limiter.ReserveAsync(_setting.DemandOf(request), new AdmissionTerms { Estimator = _estimator })));
        }
        catch (RateLimitExceededException)
        {
            // Refused at once: it counts among the requests, and not among the admitted.
        }

        StartAdmitted();
    }

    /// <summary>Starts the requests that the last event let in.</summary>
    /// <remarks>
    /// A limiter admits in order of arrival, as a rule, and then looking at the head is enough. Its own count of those who wait says whether one has passed another.
    /// </remarks>
    private void StartAdmitted()
    {
        while (_waiting.First is { Value.Admission.IsCompleted: true } head)
            Start(head);
        while (_waiting.Count > 0 && _limiter.GetStatus().Waiting < _waiting.Count)
        {
            for (var node = _waiting.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Admission.IsCompleted)
                    Start(node);
                node = next;
            }
        }

        _series?.Waiting.Record(_clock.Now, _waiting.Count);
    }

    private void Start(LinkedListNode<(TracedRequest Request, ValueTask<RateReservation> Admission)> node)
    {
        _waiting.Remove(node);
        try
        {
            Start(node.Value.Request, node.Value.Admission.GetAwaiter().GetResult());
        }
        catch (RateLimitExceededException)
        {
            // Refused after it had waited.
        }
    }

    private void Start(TracedRequest request, RateReservation reservation)
    {
        var now = _clock.Now;
        _admitted++;
        _running++;
        _end = now;
        _waits.Add(now - request.Arrived);
        _admittedTokens.Add(now, request.TotalTokens);
        _bookedTokens.Add(now, request.InputTokens);
        _admittedRequests.Add(now, 1);
        // The oracle ends with the trace or later, so that whatever is admitted before is in time.
        if (!_traceEnded || now <= _oracleEnd)
            _tokensInTime += request.TotalTokens;
        _log?.Write(request, now, reservation.Reserved.TotalTokens);
        if (_setting.Hold == HoldRule.Learned)
            _clock.CreateTimer(_ => reservation.SettleInput(request.InputTokens), null, _setting.Service.FirstToken, Timeout.InfiniteTimeSpan);
        _clock.CreateTimer(_ => Finish(request, reservation), null, _setting.Service.Of(request), Timeout.InfiniteTimeSpan);
    }

    private void Finish(TracedRequest request, RateReservation reservation)
    {
        _running--;
        _bookedTokens.Add(_clock.Now, request.OutputTokens);
        var used = new TokenDemand(request.InputTokens, request.OutputTokens);
        _estimator?.Observe(reservation.Reserved, used);
        reservation.Settle(used);
    }
}
