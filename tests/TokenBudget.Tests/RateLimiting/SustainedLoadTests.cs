using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>500 requests a minute against 400,000 tokens a minute, with a maximum of 4,096 for answers of 200.</summary>
public sealed class SustainedLoadTests
{
    private const long TokenLimit = 400_000;
    private const int RequestLimit = 500;
    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(20);

    private readonly VirtualTimeProvider _time = new();
    private readonly Queue<(long Until, long Tokens, int Requests)> _minute = new();
    private readonly PriorityQueue<(RateReservation Reservation, TokenDemand Used), long> _running = new();
    private readonly LinkedList<(Caller Admission, TokenDemand Used)> _waiting = [];
    private readonly UsageEstimator _estimator = new();
    private (long Tokens, int Requests) _sum;
    private (long Tokens, int Requests) _worst;
    private int _served;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_minute_is_over_either_limit_and_everybody_is_served(int seed)
    {
        await using var limiter = new TokenRateLimiter("limit", new RateLimits { TokensPerMinute = TokenLimit, RequestsPerMinute = RequestLimit }, _time);
        var random = new Random(seed);
        var asked = 0;
        var arrival = 0.0;
        while (arrival < Duration.TotalSeconds)
        {
            RunUntil(limiter, arrival);
            // Half short, half long prompts, and answers of 200 with a long tail: 800 tokens on average.
            var input = random.Next(2) == 0 ? random.Next(50, 350) : random.Next(600, 1_400);
            var used = new TokenDemand(input, (long)Math.Min(4_096, 1 - (200 * Math.Log(1 - random.NextDouble()))));
            var bound = new TokenDemand(input * 11 / 10, 4_096);
            asked++;
            _waiting.AddLast((limiter.ReserveAsync(bound, new AdmissionTerms { Estimator = _estimator }).Caller(), used));
            Collect(limiter);
            // A Poisson load with bursts.
            arrival += random.Next(20) == 0 ? 0 : -Math.Log(1 - random.NextDouble()) * 60 / RequestLimit;
        }

        for (var seconds = arrival; seconds < 2 * arrival && _served < asked; seconds++)
            RunUntil(limiter, seconds);

        _served.ShouldBe(asked);
        asked.ShouldBeGreaterThan(9_500);
        _worst.Tokens.ShouldBeInRange(TokenLimit * 9 / 10, TokenLimit);
        _worst.Requests.ShouldBeInRange(RequestLimit * 9 / 10, RequestLimit);
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.Open.ShouldBe(0), status => status.Waiting.ShouldBe(0));
    }

    private long Now => (_time.GetUtcNow() - new VirtualTimeProvider().GetUtcNow()).Ticks;

    /// <summary>From one thing that happens to the next, each at its own instant.</summary>
    private void RunUntil(TokenRateLimiter limiter, double seconds)
    {
        var target = (long)(seconds * TimeSpan.TicksPerSecond);
        while (true)
        {
            var end = _running.TryPeek(out _, out var ends) ? ends : long.MaxValue;
            var timer = _time.NextTimer is { } next ? Now + next.Ticks : long.MaxValue;
            if (Math.Min(end, timer) > target)
                break;
            _time.Advance(TimeSpan.FromTicks(Math.Max(0, Math.Min(end, timer) - Now)));
            if (end <= timer)
            {
                var (reservation, used) = _running.Dequeue();
                _estimator.Observe(reservation.Reserved, used);
                Count(used.OutputTokens, 0);
                reservation.Settle(used);
                _served++;
            }

            Collect(limiter);
        }

        _time.Advance(TimeSpan.FromTicks(Math.Max(0, target - Now)));
    }

    private void Collect(TokenRateLimiter limiter)
    {
        if (limiter.GetStatus().Waiting == _waiting.Count)
            return;
        for (var node = _waiting.First; node is not null;)
        {
            var (admission, used) = node.Value;
            var following = node.Next;
            if (admission.IsCompleted)
            {
                _waiting.Remove(node);
                Count(used.InputTokens, 1);
                _running.Enqueue((admission.Result, used), Now + (TimeSpan.TicksPerSecond / 2) + (used.OutputTokens * TimeSpan.TicksPerSecond / 50));
            }

            node = following;
        }
    }

    /// <summary>Input and the request when it is sent, output when the answer is whole.</summary>
    private void Count(long tokens, int requests)
    {
        while (_minute.TryPeek(out var oldest) && oldest.Until <= Now)
        {
            _minute.Dequeue();
            _sum = (_sum.Tokens - oldest.Tokens, _sum.Requests - oldest.Requests);
        }

        _minute.Enqueue((Now + TimeSpan.TicksPerMinute, tokens, requests));
        _sum = (_sum.Tokens + tokens, _sum.Requests + requests);
        _worst = (Math.Max(_worst.Tokens, _sum.Tokens), Math.Max(_worst.Requests, _sum.Requests));
    }
}
