using Orchestrator.Session;

namespace Orchestrator.Tests;

public sealed class FastClockTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void It_is_so_many_times_as_fast_until_it_is_slowed_down_and_never_jumps()
    {
        var clock = new FastClock(1_000);

        var (fast, real) = (clock.GetTimestamp(), TimeProvider.System.GetTimestamp());
        SpinWait.SpinUntil(() => TimeProvider.System.GetElapsedTime(real) > AWhile);
        var inside = TimeProvider.System.GetElapsedTime(real);
        clock.GetElapsedTime(fast).ShouldBeGreaterThanOrEqualTo(inside * 1_000);

        var before = clock.GetUtcNow();
        clock.SlowDown();
        clock.GetUtcNow().ShouldBeGreaterThanOrEqualTo(before);
        (real, var slow) = (TimeProvider.System.GetTimestamp(), clock.GetTimestamp());
        SpinWait.SpinUntil(() => clock.GetElapsedTime(slow) > AWhile);
        var passed = clock.GetElapsedTime(slow);
        passed.ShouldBeLessThanOrEqualTo(TimeProvider.System.GetElapsedTime(real));
    }
}
