using TokenBudget.Calls;

namespace TokenBudget.Tests.Calls;

public sealed class CoarseDateTests
{
    /// <summary>However seldom the coarse clock ticks: that of a busy virtual machine is late now and then.</summary>
    [Fact]
    public void Of_the_system_it_is_never_from_before_the_newest_tick()
    {
        var date = new CoarseDate(TimeProvider.System);
        var (tick, looked, earliest, ticks) = (0L, DateTimeOffset.MinValue, DateTimeOffset.MinValue, 0);
        while (ticks < 20)
        {
            var before = TimeProvider.System.GetUtcNow();
            var newest = Environment.TickCount64;
            if (newest != tick)
                // The look before this one still saw the tick before.
                (tick, earliest, ticks) = (newest, looked, ticks + 1);
            date.Now.ShouldBeInRange(earliest, TimeProvider.System.GetUtcNow());
            looked = before;
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
