namespace TokenBudget.Testing;

/// <summary>The limits of one model class, of the organisation or of one workspace.</summary>
/// <remarks>Not thread-safe: the simulator's lock guards it.</remarks>
internal sealed class RateLimits
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly SortedDictionary<LimitUnit, TokenBucket> _buckets = [];
    private readonly bool _isWorkspace;
    private AccelerationLimit? _acceleration;

    public RateLimits(SimulatedLimits limits, bool isWorkspace, DateTimeOffset now)
    {
        _isWorkspace = isWorkspace;
        Rules = limits;
        Change(limits, now);
    }

    /// <summary>What is in force.</summary>
    public SimulatedLimits Rules { get; private set; }

    /// <summary>Why a request may not pass; the reason with the longest wait.</summary>
    public RateLimitRefusal? Refuse(LimitDemand demand, DateTimeOffset now)
    {
        RateLimitRefusal? worst = null;
        foreach (var (unit, bucket) in _buckets)
        {
            var needed = demand.Needed(unit);
            if (needed == 0 || bucket.Has(needed, now))
                continue;
            var wait = bucket.TimeUntil(needed, now);
            if (worst is { } other && wait <= other.Wait)
                continue;
            worst = new RateLimitRefusal
            {
                Unit = unit,
                IsWorkspace = _isWorkspace,
                Limit = bucket.Limit,
                Used = bucket.Used(now),
                Requested = needed,
                Wait = wait,
            };
        }

        return worst ?? _acceleration?.Refuse(Math.Max(demand.Input, demand.Total), now);
    }

    /// <summary>An admitted request.</summary>
    public void Take(LimitDemand demand, DateTimeOffset now)
    {
        foreach (var (unit, bucket) in _buckets)
            bucket.Take(demand.Taken(unit), now);
        _acceleration?.Admit(Math.Max(demand.Input, demand.Total), now);
    }

    /// <summary>A request that failed, where failed ones count too.</summary>
    public void TakeFailed(DateTimeOffset now)
    {
        Find(LimitUnit.Requests)?.TakeOneIfThere(now);
        Find(LimitUnit.RequestsPerDay)?.TakeOneIfThere(now);
    }

    /// <summary>Output that is charged as produced.</summary>
    public void TakeOutput(LimitDemand demand, long tokens, DateTimeOffset now)
    {
        if (!demand.ChargesOutputAsProduced)
            return;
        if (demand.OutputReserved == 0)
            Find(LimitUnit.OutputTokens)?.Take(tokens, now);
        Find(LimitUnit.Tokens)?.Take(tokens, now);
        Find(LimitUnit.TokensPerDay)?.Take(tokens, now);
    }

    /// <summary>The request is over: what was reserved becomes what was used, where the rules say so.</summary>
    public void Settle(LimitDemand demand, long promptTokens, long outputTokens, DateTimeOffset now)
    {
        if (demand.OutputReserved > 0)
            Find(LimitUnit.OutputTokens)?.Take(outputTokens - demand.OutputReserved, now);
        if (demand.ChargesOutputAsProduced || !Rules.CorrectToActualUsage)
            return;
        Find(LimitUnit.Tokens)?.Take(promptTokens + outputTokens - demand.Total, now);
        Find(LimitUnit.TokensPerDay)?.Take(promptTokens + outputTokens - demand.Total, now);
    }

    /// <summary>Sets other limits; what has been used stays used.</summary>
    public void Change(SimulatedLimits limits, DateTimeOffset now)
    {
        Rules = limits;
        Set(LimitUnit.Requests, limits.RequestsPerMinute, Minute);
        Set(LimitUnit.InputTokens, limits.InputTokensPerMinute, Minute);
        Set(LimitUnit.OutputTokens, limits.OutputTokensPerMinute, Minute);
        Set(LimitUnit.Tokens, limits.TokensPerMinute, Minute);
        Set(LimitUnit.RequestsPerDay, limits.RequestsPerDay, Day);
        Set(LimitUnit.TokensPerDay, limits.TokensPerDay, Day);
        // As many as come back in a second, at least one; refilled as fast as the minute's bucket.
        if (limits is { EnforcesRequestsBySecond: true, RequestsPerMinute: { } perMinute } && Math.Max(1, perMinute / 60) is var atOnce)
            Set(LimitUnit.RequestSpacing, atOnce, Minute * atOnce / perMinute);
        else
            _buckets.Remove(LimitUnit.RequestSpacing);
        if (limits.Acceleration != _acceleration?.Rule)
            _acceleration = limits.Acceleration is { } rule ? new AccelerationLimit(rule, _isWorkspace) : null;

        void Set(LimitUnit unit, long? limit, TimeSpan period)
        {
            if (limit is not { } tokens)
                _buckets.Remove(unit);
            else if (unit != LimitUnit.RequestSpacing && _buckets.TryGetValue(unit, out var bucket))
                bucket.Change(tokens, now);
            else
                _buckets[unit] = new TokenBucket(tokens, period, now);
        }
    }

    public IEnumerable<LimitState> States(DateTimeOffset now) => _buckets
        .Where(pair => pair.Key != LimitUnit.RequestSpacing)
        .Select(pair => new LimitState(pair.Key, _isWorkspace, pair.Value.Limit, pair.Value.Remaining(now), pair.Value.TimeUntilFull(now)));

    private TokenBucket? Find(LimitUnit unit) => _buckets.GetValueOrDefault(unit);
}
