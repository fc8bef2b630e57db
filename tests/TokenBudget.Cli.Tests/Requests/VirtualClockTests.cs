using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class VirtualClockTests
{
    private readonly VirtualClock _clock = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void Timers_fire_in_order_of_their_instants_and_then_of_setting()
    {
        Set("late", 3);
        Set("first", 1);
        Set("second", 1);

        FireAll();

        _fired.ShouldBe(["first at 1", "second at 1", "late at 3"]);
    }

    [Fact]
    public void A_timer_set_anew_fires_once_at_its_new_instant()
    {
        var timer = Set("moved", 1);
        Set("other", 2);
        timer.Change(TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);

        FireAll();

        _fired.ShouldBe(["other at 2", "moved at 3"]);
    }

    [Fact]
    public void A_timer_stopped_or_disposed_does_not_fire()
    {
        Set("stopped", 1).Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Set("disposed", 1).Dispose();

        _clock.NextDue.ShouldBeNull();
        Should.Throw<InvalidOperationException>(_clock.FireNext);
    }

    [Fact]
    public void A_period_sets_the_timer_again_until_it_is_disposed()
    {
        ITimer? timer = null;
        timer = _clock.CreateTimer(
            _ =>
            {
                _fired.Add("tick");
                if (_fired.Count == 3)
                    timer!.Dispose();
            },
            null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        FireAll();

        _fired.Count.ShouldBe(3);
        _clock.Now.ShouldBe(5 * TimeSpan.TicksPerSecond);
    }

    [Fact]
    public void Time_is_the_same_whichever_way_it_is_asked()
    {
        _clock.MoveTo(TimeSpan.TicksPerMinute);

        _clock.GetElapsedTime(0).ShouldBe(TimeSpan.FromMinutes(1));
        _clock.GetUtcNow().ShouldBe(DateTimeOffset.UnixEpoch.AddMinutes(1));
        _clock.MoveTo(0);
        _clock.Now.ShouldBe(TimeSpan.TicksPerMinute);
    }

    private ITimer Set(string name, int seconds) => _clock.CreateTimer(
        _ => _fired.Add($"{name} at {_clock.Now / TimeSpan.TicksPerSecond}"), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);

    private void FireAll()
    {
        while (_clock.NextDue is not null)
            _clock.FireNext();
    }
}
