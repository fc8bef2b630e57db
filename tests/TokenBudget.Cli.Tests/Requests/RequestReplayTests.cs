using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class RequestReplayTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // A request of 20 output tokens runs for 1 s and 20 / 10 s.
    private static readonly ServiceTime Service = new(TimeSpan.FromSeconds(1), 10);

    [Fact]
    public void A_request_that_does_not_fit_waits_for_the_minute_of_the_one_before()
    {
        var (result, log) = Replay(100, RequestEstimate.Exact, (0, 60, 20), (1, 30, 10));

        // 60 of the first leave with the tenth of a second they lie in, 60.1 s after its beginning; its 20 of output came at 3 s and stay.
        log.ShouldBe([(0, 0, 80, 80), (1, 60.1, 40, 40)]);
        result.Admitted.ShouldBe(2);
        result.WorstMinuteTokens.ShouldBe(80);
        // 20 of output from 3 s on, 30 of input from 60.1 s on.
        result.WorstMinuteBooked.ShouldBe(80);
        result.Waits.Percentile(50).ShouldBe(TimeSpan.Zero);
        result.Waits.Percentile(95).ShouldBe(TimeSpan.FromSeconds(59.1));
        // The oracle lets the second in at 60 s, when 80 of 120 tokens were admitted.
        result.OracleWaits.Percentile(95).ShouldBe(TimeSpan.FromSeconds(59));
        result.OracleEnd.ShouldBe(TimeSpan.FromSeconds(60));
        result.Utilisation.ShouldBe(80 / 120.0, 1e-12);
        result.End.ShouldBe(TimeSpan.FromSeconds(60.1));
    }

    [Fact]
    public void What_was_reserved_too_much_is_given_back_when_the_request_ends()
    {
        // 4 × 25 of the first fill the limit until it ends after 1 + 5 / 10 s; then 25 are used, and the second's 4 × 15 fit.
        var (result, log) = Replay(100, RequestEstimate.High4x, (0, 20, 5), (0.5, 10, 5), (10, 30, 0));

        // The third would be more than the limit.
        log.ShouldBe([(0, 0, 100, 25), (1, 1.5, 60, 15)]);
        result.Refused.ShouldBe(1);
        result.WorstMinuteTokens.ShouldBe(40);
        // The oracle admits all three as they come, and ours never the third.
        result.Utilisation.ShouldBe(40 / 70.0, 1e-12);
    }

    [Fact]
    public void What_was_reserved_too_little_goes_over_and_the_debt_is_waited_for()
    {
        // Half of 80 and half of 40 fit together; the third would have fitted as well, but when it comes the truth is booked.
        var (result, log) = Replay(100, RequestEstimate.Low50, (0, 60, 20), (1, 30, 10), (5, 10, 0));

        log.ShouldBe([(0, 0, 40, 80), (1, 1, 20, 40), (2, 60.1, 5, 10)]);
        result.WorstMinuteTokens.ShouldBe(120);
        result.TimeOver.ShouldBe(TimeSpan.FromSeconds(59));
        // The oracle lets the third in at 60 s.
        result.Utilisation.ShouldBe(120 / 130.0, 1e-12);
    }

    [Fact]
    public void Requests_are_limited_as_well()
    {
        var (result, log) = Replay(new RequestReplaySetting(1_000, 2, AdmissionMode.Strict, RequestEstimate.Exact, Service), (0, 1, 0), (0, 1, 0), (0, 1, 0));

        log.ShouldBe([(0, 0, 1, 1), (1, 0, 1, 1), (2, 60.1, 1, 1)]);
        result.WorstMinuteRequests.ShouldBe(2);
    }

    [Fact]
    public void A_bucket_refills_all_the_time_and_lets_more_through_than_its_size()
    {
        var (result, log) = Replay(new RequestReplaySetting(60, null, AdmissionMode.Bucket, RequestEstimate.Exact, Service), (0, 60, 0), (10, 30, 0));

        // One token a second comes back: 30 of them after half a minute.
        log.ShouldBe([(0, 0, 60, 60), (1, 30, 30, 30)]);
        result.WorstMinuteTokens.ShouldBe(90);
    }

    [Fact]
    public void Several_that_one_settlement_lets_in_start_at_its_instant()
    {
        var (_, log) = Replay(100, RequestEstimate.High4x, (0, 25, 0), (0, 5, 0), (0, 5, 0), (0, 5, 0), (0, 5, 0));

        // 25 are used after 1 s, so that three times 20 fit; the fourth fits when they end.
        log.Select(static one => one.Admitted).ShouldBe([0, 1, 1, 1, 2]);
    }

    [Fact]
    public void Input_is_known_at_the_first_token()
    {
        // 4 × 20 of input are held for 1 s, and then 20; the output of 4 × 5 until the end after 1.5 s.
        var (_, log) = Replay(Setting(100, RequestEstimate.High4x) with { Hold = HoldRule.Learned }, (0, 20, 5), (0, 15, 0));
        log.ShouldBe([(0, 0, 100, 25), (1, 1, 60, 15)]);
    }

    [Fact]
    public void What_was_learned_is_held()
    {
        var load = Enumerable.Range(0, 100).Select(static second => (60.0 * second, 20, 5)).Concat(Enumerable.Repeat((7_000.0, 20, 5), 3)).ToArray();

        // Of 160, two that hold 25 each and keep √2 × 75 beside it fit at once, and not even one more of 100.
        var (_, log) = Replay(Setting(160, RequestEstimate.High4x) with { Hold = HoldRule.Learned }, load);
        log.TakeLast(3).Select(static one => one.Admitted).ShouldBe([7_000, 7_000, 7_001]);
        (_, log) = Replay(Setting(160, RequestEstimate.High4x), load);
        log.TakeLast(3).Select(static one => one.Admitted).ShouldBe([7_000, 7_001.5, 7_003]);
    }

    [Fact]
    public void A_cancelled_replay_ends() =>
        Should.Throw<OperationCanceledException>(() => new RequestReplay(Setting(100, RequestEstimate.Exact)).Run(Trace((0, 60, 20), (1, 30, 10)), new CancellationToken(canceled: true)));

    /// <summary>Whatever the load, upper bounds keep every minute below the limit, and everybody is served.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_minute_of_the_log_is_over_the_limit(int seed)
    {
        var random = new Random(seed);
        var arrived = 0.0;
        var load = Enumerable.Range(0, 600).Select(_ => (arrived += Math.Round(random.NextDouble(), 3), random.Next(200), random.Next(50))).ToArray();
        foreach (var estimate in new[] { RequestEstimate.Exact, RequestEstimate.High4x })
        {
            var (result, log) = Replay(5_000, estimate, load);

            log.Select(static one => one.Id).Order().SequenceEqual(Enumerable.Range(0, load.Length)).ShouldBeTrue();
            foreach (var last in log)
                log.Where(one => one.Admitted <= last.Admitted && one.Admitted >= last.Admitted - 60).Sum(static one => one.Settled).ShouldBeLessThanOrEqualTo(5_000);
            result.WorstMinute.ShouldBeLessThanOrEqualTo(5_000);
            result.TimeOver.ShouldBe(TimeSpan.Zero);
        }
    }

    [Fact]
    public void The_same_load_gives_the_same_log()
    {
        var random = new Random(5);
        var load = Enumerable.Range(0, 300).Select(second => ((double)second, random.Next(200), random.Next(50))).ToArray();

        Replay(4_000, RequestEstimate.High4x, load).Log.ShouldBe(Replay(4_000, RequestEstimate.High4x, load).Log);
    }

    private static RequestReplaySetting Setting(long tokensPerMinute, RequestEstimate estimate) => new(tokensPerMinute, null, AdmissionMode.Strict, estimate, Service, HoldRule.Bound);

    private static IEnumerable<TracedRequest> Trace(params (double Seconds, int Input, int Output)[] requests) =>
        requests.Select(static (request, id) => new TracedRequest(id, (long)Math.Round(request.Seconds * Second), request.Input, request.Output));

    private static (RequestReplayResult Result, List<(int Id, double Admitted, long Reserved, long Settled)> Log) Replay(
        long tokensPerMinute, RequestEstimate estimate, params (double Seconds, int Input, int Output)[] requests) =>
        Replay(Setting(tokensPerMinute, estimate), requests);

    private static (RequestReplayResult Result, List<(int Id, double Admitted, long Reserved, long Settled)> Log) Replay(
        RequestReplaySetting setting, params (double Seconds, int Input, int Output)[] requests)
    {
        using var written = new MemoryStream();
        RequestReplayResult result;
        using (var log = new AdmissionLog(written))
        using (var replay = new RequestReplay(setting, log))
            result = replay.Run(Trace(requests), CancellationToken.None);
        return (result, AdmissionLogLine.ReadAll(written.ToArray()).Select(static line => (line.Id, line.Admitted, line.Reserved, line.Settled)).ToList());
    }
}
