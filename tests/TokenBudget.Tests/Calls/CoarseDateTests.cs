using TokenBudget.Calls;

namespace TokenBudget.Tests.Calls;

public sealed class CoarseDateTests
{
    // Windows' clock ticks 64 times a second, others oftener.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(16);

    [Fact]
    public void Of_the_system_it_is_a_tick_late_at_most()
    {
        var date = new CoarseDate(TimeProvider.System);
        for (var look = 0; look < 100_000; look++)
        {
            var before = TimeProvider.System.GetUtcNow();
            var now = date.Now;
            now.ShouldBeInRange(before - Tick, TimeProvider.System.GetUtcNow());
        }
    }

    [Fact]
    public void Of_any_other_clock_it_is_exact_and_follows_when_that_is_set()
    {
        var time = new VirtualTimeProvider();
        var set = new SkewedTimeProvider(time);
        var date = new CoarseDate(set);
        date.Now.ShouldBe(time.GetUtcNow());
        time.Advance(TimeSpan.FromTicks(1));
        date.Now.ShouldBe(time.GetUtcNow());
        set.Skew = TimeSpan.FromDays(-1);
        date.Now.ShouldBe(time.GetUtcNow().AddDays(-1));
    }
}
