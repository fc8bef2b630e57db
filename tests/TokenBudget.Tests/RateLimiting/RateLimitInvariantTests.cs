using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>The promise of the limiter over random schedules: nothing over the limit in any sliding minute, at no instant.</summary>
public sealed class RateLimitInvariantTests
{
    private const long Limit = 1_000;
    private const long InputLimit = 800;
    private const long RequestLimit = 12;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 2_000 : 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task No_sliding_minute_is_over_the_limit(int seed)
    {
        var random = new Random(seed);
        var time = new VirtualTimeProvider();
        await using var limiter = new TokenRateLimiter(
            "limit", new RateLimits { TokensPerMinute = Limit, InputTokensPerMinute = InputLimit, RequestsPerMinute = RequestLimit }, time);
        var events = new List<(long Ticks, long Input, long Output, int Requests)>();
        var open = new List<(RateReservation Reservation, long At)>();
        var waiting = new List<(Caller Task, CancellationTokenSource Cancellation, long Since)>();
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    var input = random.Next(1, 400);
                    var cancellation = new CancellationTokenSource();
                    waiting.Add((limiter.ReserveAsync(new TokenDemand(input, random.Next(0, 200)), cancellation.Token).Caller(), cancellation, time.GetUtcNow().Ticks - VirtualStart));
                    break;
                case < 7 when open.Count > 0:
                    SettleOne(random.Next(open.Count));
                    break;
                case 7 when waiting.Count > 0:
                    await waiting[random.Next(waiting.Count)].Cancellation.CancelAsync();
                    break;
                default:
                    // Odd steps, so that cells and minutes are hit everywhere.
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(3) == 0 ? random.Next(30_000) : random.Next(700)));
                    break;
            }

            await CollectAsync();
            var status = limiter.GetStatus();
            (status.InputTokens + status.OutputTokens).ShouldBeLessThanOrEqualTo(Limit);
            status.InputTokens.ShouldBeLessThanOrEqualTo(InputLimit);
            status.Open.ShouldBe(open.Count);
        }

        CheckEveryMinute(events, static item => item.Input + item.Output, Limit);
        CheckEveryMinute(events, static item => item.Input, InputLimit);
        CheckEveryMinute(events, static item => item.Requests, RequestLimit);

        async Task CollectAsync()
        {
            for (var index = waiting.Count - 1; index >= 0; index--)
            {
                if (!waiting[index].Task.IsCompleted)
                    continue;
                if (waiting[index].Task.IsCompletedSuccessfully)
                {
                    var reservation = await waiting[index].Task;
                    open.Add((reservation, waiting[index].Since + reservation.Waited.Ticks));
                }

                waiting[index].Cancellation.Dispose();
                waiting.RemoveAt(index);
            }
        }

        void SettleOne(int index)
        {
            var (reservation, at) = open[index];
            open.RemoveAt(index);
            if (random.Next(8) == 0)
            {
                reservation.Dispose();
                return;
            }

            var used = new TokenDemand(random.NextInt64(reservation.Reserved.InputTokens + 1), random.NextInt64(reservation.Reserved.OutputTokens + 1));
            // The limiter counts ticks from its own start, which is where this clock started too.
            events.Add((at, used.InputTokens, 0, 1));
            events.Add((time.GetUtcNow().Ticks - VirtualStart, 0, used.OutputTokens, 0));
            reservation.Settle(used);
        }
    }

    private static readonly long VirtualStart = new VirtualTimeProvider().GetUtcNow().Ticks;

    /// <summary>The heaviest minutes end at an event, so those are all that have to be looked at.</summary>
    private static void CheckEveryMinute(List<(long Ticks, long Input, long Output, int Requests)> events, Func<(long Ticks, long Input, long Output, int Requests), long> amount, long limit)
    {
        var sorted = events.OrderBy(static item => item.Ticks).ToList();
        var sum = 0L;
        var first = 0;
        foreach (var item in sorted)
        {
            sum += amount(item);
            while (sorted[first].Ticks <= item.Ticks - TimeSpan.TicksPerMinute)
                sum -= amount(sorted[first++]);
            sum.ShouldBeLessThanOrEqualTo(limit);
        }
    }
}
