using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class SlidingLogOracleTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void A_request_is_admitted_when_enough_of_the_minute_before_has_left()
    {
        var oracle = new SlidingLogOracle(100, null);

        Admit(oracle, 0, 60).ShouldBe(0);
        Admit(oracle, 5, 40).ShouldBe(5);
        Admit(oracle, 6, 50).ShouldBe(60);
        // 50 of second 60 and the 40 of second 5, which leave at 65.
        Admit(oracle, 61, 20).ShouldBe(65);
        Admit(oracle, 400, 100).ShouldBe(400);
        oracle.TokensAdmitted.ShouldBe(270);
    }

    [Fact]
    public void Nobody_passes_who_came_later()
    {
        var oracle = new SlidingLogOracle(100, null);
        Admit(oracle, 0, 90);

        Admit(oracle, 1, 50).ShouldBe(60);
        Admit(oracle, 2, 5).ShouldBe(60);
    }

    [Fact]
    public void Requests_are_limited_too()
    {
        var oracle = new SlidingLogOracle(1_000, 2);

        Admit(oracle, 0, 1).ShouldBe(0);
        Admit(oracle, 1, 1).ShouldBe(1);
        Admit(oracle, 2, 1).ShouldBe(60);
        Admit(oracle, 3, 1).ShouldBe(61);
    }

    [Fact]
    public void What_can_never_fit_is_refused_and_delays_nobody()
    {
        var oracle = new SlidingLogOracle(100, null);

        Admit(oracle, 0, 101).ShouldBeNull();
        Admit(oracle, 0, 100).ShouldBe(0);
        oracle.TokensAdmitted.ShouldBe(100);
    }

    /// <summary>Held against the definition, looked up without any running sum: the first instant, not before the one in front, at which it fits.</summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(3, 6)]
    [InlineData(4, 9)]
    public void Every_admission_is_the_earliest_possible(int seed, int? requestsPerMinute)
    {
        var random = new Random(seed);
        var oracle = new SlidingLogOracle(1_000, requestsPerMinute);
        var admitted = new List<(long At, long Tokens)>();
        var arrived = 0L;
        for (var id = 0; id < 400; id++)
        {
            arrived += random.NextInt64(12 * Second);
            var tokens = random.NextInt64(1, 400);

            var instant = oracle.Admit(new TracedRequest(id, arrived, tokens, 0)).ShouldNotBeNull();

            var earliest = Math.Max(arrived, admitted.Count == 0 ? 0 : admitted[^1].At);
            var expected = admitted.Select(static one => one.At + (60 * Second)).Append(earliest).Where(at => at >= earliest).Order().First(at =>
            {
                var window = admitted.Where(one => one.At > at - (60 * Second)).ToList();
                return window.Sum(static one => one.Tokens) + tokens <= 1_000 && window.Count < (requestsPerMinute ?? int.MaxValue);
            });
            instant.ShouldBe(expected);
            admitted.Add((instant, tokens));
        }
    }

    private static long? Admit(SlidingLogOracle oracle, int arrivedSeconds, long tokens) =>
        oracle.Admit(new TracedRequest(0, arrivedSeconds * Second, tokens, 0)) is { } instant ? instant / Second : null;
}
