using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <content>What the provider says: its limits, what it has counted, and when to be silent.</content>
public sealed partial class TokenRateLimiter
{
    // Who says "come back in a year" is wrong; a probe a day costs nothing.
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly CoolDown _coolDown = new();

    /// <summary>
    /// Adopts what the provider says. Each limit is the smaller of the configured and the reported one, until a later reading (or none for
    /// five minutes) lets it rise again; what the provider has counted beyond all that was admitted here is used by others, and is
    /// held as used until the provider's reset. In a strict window a reading never makes room; a provider bucket follows it both ways.
    /// </summary>
    /// <param name="reading">The reading. An older one than the last changes no limit.</param>
    public void Correct(RateLimitReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        List<(Ticket Waiter, Exception Exception)> hopeless = [];
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = AdvanceToNow();
            var at = now - Math.Max(0, reading.Age.Ticks);
            if (reading.RetryAfter is { } wait)
                _coolDown.PauseUntil(at + Clamp(wait));
            else if (!reading.Refused)
                _coolDown.Passed(at, now);
            var (heldAfter, unheard) = OpenAround(at);
            if (_account.Correct(reading, at, now, heldAfter, unheard))
                hopeless = TakeOutWhatNeverFits();
            Pump(now);
        }

        foreach (var (waiter, exception) in hopeless)
            waiter.Fail(exception);
    }

    /// <summary>Admits nothing for so long; then one request as a probe, and when it passes the others, in steps that double every quarter of a second.</summary>
    /// <param name="duration">How long; at most a day counts. Zero and less change nothing. Of several pauses, the latest end counts.</param>
    public void PauseFor(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
            return;
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = AdvanceToNow();
            _coolDown.PauseUntil(now + Clamp(duration));
            Pump(now);
        }
    }

    /// <summary>Admits nothing before an instant of the limiter's clock; see <see cref="PauseFor"/>.</summary>
    /// <param name="instant">When a request may be sent again. The past changes nothing.</param>
    public void PauseUntil(DateTimeOffset instant) => PauseFor(instant - _time.GetUtcNow());

    /// <summary>
    /// The provider says that traffic grew too fast: at most half of what the last minute used is admitted a minute, for a quarter of an hour; then a tenth more every minute. Several
    /// calls within a minute are one. A request that is larger than that goes alone.
    /// </summary>
    public void SlowDown()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = AdvanceToNow();
            _account.SlowDown(now);
            Pump(now);
        }
    }

    private static long Clamp(TimeSpan wait) => Math.Clamp(wait.Ticks, 0, LongestPause.Ticks);

    /// <summary>What was admitted after an instant and is held still, and what was charged before it for requests that are not answered yet.</summary>
    private (Vector256<long> HeldAfter, Vector256<long> Unheard) OpenAround(long at)
    {
        var heldAfter = Vector256<long>.Zero;
        var unheard = Vector256<long>.Zero;
        foreach (var open in _tickets.NewestFirst())
        {
            if (open.Since > at)
                heldAfter += open.Charge.Held;
            else
                unheard += open.Charge.AtOnce;
        }

        return (heldAfter, unheard);
    }

    private List<(Ticket Waiter, Exception Exception)> TakeOutWhatNeverFits()
    {
        List<(Ticket Waiter, Exception Exception)> taken = [];
        foreach (var waiter in _queue.All())
            if (!CanEverFit(waiter.Charge, waiter.Queue!.Tenant))
                taken.Add((waiter, NeverFits(waiter.Charge, waiter.Queue.Tenant)));
        foreach (var (waiter, _) in taken)
        {
            var tenant = waiter.Queue!.Tenant;
            _refused++;
            _queue.Remove(waiter);
            ForgetIfGone(tenant);
        }

        return taken;
    }
}
