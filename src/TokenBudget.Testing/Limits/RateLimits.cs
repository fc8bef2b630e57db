using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>The three buckets of one model class.</summary>
/// <remarks>Not thread-safe: the simulator's lock guards it.</remarks>
internal sealed class RateLimits(SimulatedLimits limits, DateTimeOffset now)
{
    private readonly TokenBucket? _requests = Bucket(limits.RequestsPerMinute, now);
    private readonly TokenBucket? _input = Bucket(limits.InputTokensPerMinute, now);
    private readonly TokenBucket? _output = Bucket(limits.OutputTokensPerMinute, now);

    /// <summary>All or nothing. Only admitted requests are charged (assumed: no document says that a refused one counts).</summary>
    public RateLimitRefusal? Admit(long inputCharge, DateTimeOffset now)
    {
        RateLimitRefusal? refusal = null;
        Consider(_requests, 1, "requests");
        Consider(_input, inputCharge, "input tokens");
        // Output is unknown in advance, so all that is asked is that the class is not in debt (inferred from "max_tokens does not factor in").
        Consider(_output, 1, "output tokens");
        if (refusal is not null)
            return refusal;

        _requests?.Take(1, now);
        _input?.Take(inputCharge, now);
        return null;

        void Consider(TokenBucket? bucket, long tokens, string unit)
        {
            if (bucket is null || bucket.Has(tokens, now))
                return;
            var wait = bucket.TimeUntil(tokens, now);
            if (refusal is not { } other || wait > other.Wait)
                refusal = new RateLimitRefusal(bucket.Limit, unit, wait);
        }
    }

    public void ChargeOutput(long tokens, DateTimeOffset now) => _output?.Take(tokens, now);

    /// <summary>The headers that every response carries (documented); of a limit that does not exist, none.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers(DateTimeOffset now)
    {
        var headers = new List<KeyValuePair<string, string>>(12);
        if (_requests is not null)
            Add("requests", _requests.Limit, _requests.Remaining(now), _requests.TimeUntilFull(now));
        if (_input is not null)
            Add("input-tokens", _input.Limit, Rounded(_input.Remaining(now)), _input.TimeUntilFull(now));
        if (_output is not null)
            Add("output-tokens", _output.Limit, Rounded(_output.Remaining(now)), _output.TimeUntilFull(now));
        if (_input is not null && _output is not null)
        {
            // The sum, as in recorded responses; a workspace limit, which would take its place, is not simulated.
            var full = TimeSpan.FromTicks(Math.Max(_input.TimeUntilFull(now).Ticks, _output.TimeUntilFull(now).Ticks));
            Add("tokens", _input.Limit + _output.Limit, Rounded(_input.Remaining(now)) + Rounded(_output.Remaining(now)), full);
        }

        return headers;

        void Add(string name, long limit, long remaining, TimeSpan untilFull)
        {
            headers.Add(new($"anthropic-ratelimit-{name}-limit", limit.ToString(CultureInfo.InvariantCulture)));
            headers.Add(new($"anthropic-ratelimit-{name}-remaining", remaining.ToString(CultureInfo.InvariantCulture)));
            var reset = WholeSecond(now + untilFull).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            headers.Add(new($"anthropic-ratelimit-{name}-reset", reset));
        }
    }

    // Documented: remaining tokens are rounded to the nearest thousand.
    private static long Rounded(long tokens) => (tokens + 500) / 1_000 * 1_000;

    // Up, so that nobody who waits for it is early.
    private static DateTimeOffset WholeSecond(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var rest = utc.Ticks % TimeSpan.TicksPerSecond;
        return new DateTimeOffset(rest == 0 ? utc : utc.AddTicks(TimeSpan.TicksPerSecond - rest), TimeSpan.Zero);
    }

    private static TokenBucket? Bucket(long? limit, DateTimeOffset now) => limit is { } perMinute ? new TokenBucket(perMinute, now) : null;
}
