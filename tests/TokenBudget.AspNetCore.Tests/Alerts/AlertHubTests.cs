using FsCheck;
using FsCheck.Fluent;
using TokenBudget.AspNetCore.Alerts;

namespace TokenBudget.AspNetCore.Tests.Alerts;

public sealed class AlertHubTests
{
    private readonly VirtualTimeProvider _time = new();

    [Fact]
    public void What_is_told_after_an_alert_is_every_kept_one_after_it() => Prop.ForAll(
        Gen.Choose(1, 20).ToArbitrary(),
        Gen.Choose(0, 50).ToArbitrary(),
        Gen.Choose(0, 50).ToArbitrary(),
        (history, published, seen) =>
        {
            var hub = new AlertHub(history, _time);
            var ids = Enumerable.Range(0, published).Select(number => Publish(hub, number)).ToList();
            seen = Math.Min(seen, published);

            var told = hub.After(seen == 0 ? null : ids[seen - 1]).Select(static alert => alert.Id);

            return told.SequenceEqual(ids.Skip(Math.Max(seen, published - history)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_listener_gets_the_kept_and_the_new_ones_whatever_happens_meanwhile()
    {
        var hub = new AlertHub(100_000, _time);
        const int Count = 5_000;
        var publishing = new Thread(() =>
        {
            for (var number = 0; number < Count; number++)
                Publish(hub, number);
        });
        publishing.Start();
        var listener = hub.Listen(null, wantsMetrics: false);
        var got = listener.Replay.Select(static frame => frame.Id!).ToList();
        while (got.Count < Count)
        {
            listener.Dropped.IsCancellationRequested.ShouldBeFalse();
            if (!listener.TryTake(out var frame))
                Thread.Yield();
            else
                got.Add(frame!.Id!);
        }

        publishing.Join();
        got.Distinct().Count().ShouldBe(Count);
        got.ShouldBe(hub.After(null).Select(static alert => alert.Id));
    }

    [Fact]
    public void A_listener_that_takes_nothing_is_dropped_when_it_is_full_and_no_sooner()
    {
        var hub = new AlertHub(1, _time);
        using var slow = hub.Listen(null, wantsMetrics: false);
        using var quick = hub.Listen(null, wantsMetrics: false);
        for (var number = 0; number < AlertListener.Capacity; number++)
            Publish(hub, number);
        slow.Dropped.IsCancellationRequested.ShouldBeFalse();
        while (quick.TryTake(out _))
        {
        }

        Publish(hub, -1);

        SpinWait.SpinUntil(() => slow.Dropped.IsCancellationRequested, TimeSpan.FromMinutes(1)).ShouldBeTrue();
        quick.Dropped.IsCancellationRequested.ShouldBeFalse();
        quick.TryTake(out var frame).ShouldBeTrue();
        frame!.Type.ShouldBe("alert");
    }

    [Fact]
    public void Numbers_nobody_has_taken_give_way_to_newer_ones()
    {
        var hub = new AlertHub(1, _time);
        using var listener = hub.Listen(null, wantsMetrics: true);
        using var other = hub.Listen(null, wantsMetrics: false);
        Frame[] frames = [.. Enumerable.Range(0, 3 * AlertListener.Capacity).Select(static _ => new Frame("metrics", null, default))];

        foreach (var frame in frames)
            hub.PublishMetrics(frame);

        listener.TryTake(out var taken).ShouldBeTrue();
        taken.ShouldBeSameAs(frames[^1]);
        listener.TryTake(out _).ShouldBeFalse();
        other.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_closed_hub_ends_those_who_listen_and_those_who_come()
    {
        var hub = new AlertHub(1, _time);
        using var before = hub.Listen(null, wantsMetrics: false);
        Publish(hub, 1);
        hub.Close();
        using var after = hub.Listen(null, wantsMetrics: false);

        before.TryTake(out _).ShouldBeTrue();
        (await before.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        (await after.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        before.Dispose();
        hub.Listeners.ShouldBe(0);
    }

    private string Publish(AlertHub hub, int number)
    {
        hub.Publish(new AlertMessage("test", AlertSeverity.Info, _time.GetUtcNow(), $"number {number}"));
        return hub.After(null)[^1].Id;
    }
}
