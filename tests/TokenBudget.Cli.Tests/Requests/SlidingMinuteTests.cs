using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class SlidingMinuteTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void An_amount_counts_until_just_before_it_is_a_minute_old()
    {
        var minute = new SlidingMinute(100);
        minute.Add(0, 60);

        minute.Add((60 * Second) - 1, 30);
        minute.Sum.ShouldBe(90);
        minute.Add(60 * Second, 50);
        minute.Sum.ShouldBe(80);
        minute.Worst.ShouldBe(90);
        minute.TicksOver.ShouldBe(0);
    }

    [Fact]
    public void What_happens_at_one_instant_is_in_one_window()
    {
        var minute = new SlidingMinute(100);
        minute.Add(Second, 70);
        minute.Add(Second, 70);

        minute.Worst.ShouldBe(140);
    }

    [Fact]
    public void The_time_over_the_limit_is_from_the_event_that_broke_it_to_the_one_that_left()
    {
        var minute = new SlidingMinute(100);
        minute.Add(0, 60);
        minute.Add(10 * Second, 50);
        minute.Add(200 * Second, 101);

        minute.MoveTo(long.MaxValue);

        minute.TicksOver.ShouldBe((50 * Second) + (60 * Second));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_worst_is_that_of_all_windows(int seed)
    {
        var random = new Random(seed);
        var events = Enumerable.Range(0, 300).Select(_ => (At: random.NextInt64(600 * Second), Amount: random.NextInt64(100))).OrderBy(static one => one.At).ToList();
        var minute = new SlidingMinute(0);
        foreach (var (at, amount) in events)
            minute.Add(at, amount);

        minute.Worst.ShouldBe(events.Max(last => events.Where(one => one.At <= last.At && one.At > last.At - (60 * Second)).Sum(static one => one.Amount)));
    }
}
