using System.Globalization;
using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <content>Who waits, who is next, who may pass, and when to look again.</content>
public sealed partial class TokenRateLimiter
{
    private const int MostLookedAt = 32;
    private const long Never = long.MaxValue;
    private readonly FairQueue _queue = new();

    /// <summary>What may be admitted before the next in the queue without delaying it.</summary>
    private Vector256<long> _beside;
    private long _wakeAt = Never;

    private static Vector256<long> Nothing => Vector256.Create(-1L);

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _wakeAt = Never;
            Pump(AdvanceToNow());
        }
    }

    private Waiter Enqueue(in RateClaim claim, in RateCharge charge, AdmissionTerms terms, TenantState? accounted, long now, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this, terms, now, cancellationToken) { Claim = claim, Charge = charge };
        RefuseWhileAway(charge);
        if (_queue.Count >= _limits.QueueLimit)
        {
            _refused++;
            throw new RateLimitExceededException(
                Name,
                string.Create(CultureInfo.InvariantCulture, $"{_queue.Count:N0} callers wait for rate limit '{Name}' already, as many as QueueLimit allows."),
                WaitOf(charge, accounted, claim, _queue.Wanted, now));
        }

        _queue.Add(waiter, WaitingTenant(terms.Tenant, accounted));
        // Otherwise the one in front of it is next still, and nothing has changed for that.
        if (_queue.Peek() == waiter)
            Pump(now);
        AskForShare();
        if (waiter.Queue is { } queue && terms.MaxWait is { } longest && !MayBeLentMore)
        {
            var wait = WaitOf(charge, accounted, claim, _queue.Ahead(waiter), now);
            if (wait > longest)
            {
                Forget(waiter, queue, now);
                throw TooLong(longest, wait);
            }
        }

        return waiter;
    }

    /// <summary>Admits those whose turn it is while they fit, then smaller ones for whom there is room beside the next.</summary>
    private void Pump(long now)
    {
        _queue.Unpark(now);
        Waiter? head;
        while ((head = _queue.Peek()) is not null)
        {
            Renew(head);
            var tenant = head.Queue!.Tenant;
            if (tenant.Account is { } own)
            {
                own.Advance(now);
                var charge = own.ChargeOf(head.Claim);
                if (!own.Fits(charge))
                {
                    _queue.Park(head, Math.Max(now + 1, own.InstantOfRoom(now, charge)));
                    continue;
                }
            }

            if (!_account.Fits(head.Charge) || !_coolDown.Allows(now))
                break;
            Grant(head, now);
        }

        LookBeside(head, now);
        Arm(head, now);
    }

    private void Grant(Waiter waiter, long now)
    {
        var tenant = waiter.Queue!.Tenant;
        _queue.Serve(waiter, _account.ShareOf(waiter.Charge));
        ForgetIfGone(tenant);
        waiter.Admit(Admit(waiter.Claim, waiter.Charge, tenant.Account is null ? null : tenant, now, TimeSpan.FromTicks(now - waiter.Since)));
    }

    /// <summary>
    /// The next in the queue has a start that is certain when only time has to pass: then what is left beside it at that instant may go before
    /// it. While it waits for settlements, nobody knows its start, and nobody passes.
    /// </summary>
    private void LookBeside(Waiter? head, long now)
    {
        _beside = Nothing;
        if (head is null || _account.IsHeldUp(head.Charge) || _account.Fits(head.Charge))
            return;
        _beside = _account.RoomBeside(_account.InstantOfRoom(now, head.Charge), head.Charge);
        if (!Vector256.GreaterThanOrEqualAll(_beside, RateLane.OneRequest))
            return;
        foreach (var waiter in _queue.Behind(head, MostLookedAt).ToArray())
        {
            Renew(waiter);
            if (Vector256.LessThanOrEqualAll(waiter.Charge.Most, _beside) && _account.Fits(waiter.Charge)
                && (waiter.Queue!.Tenant.Account is not { } own || own.Fits(own.ChargeOf(waiter.Claim))) && _coolDown.Allows(now))
                Grant(waiter, now);
        }
    }

    /// <summary>More may be known of its kind than when it came.</summary>
    private void Renew(Waiter waiter)
    {
        if (waiter.Terms.Estimator is not { } estimator)
            return;
        var claim = ClaimOf(waiter.Claim.Bound, estimator, waiter.Queue!.Tenant);
        if (claim == waiter.Claim)
            return;
        waiter.Claim = claim;
        _queue.Recharge(waiter, _account.ChargeOf(claim));
    }

    /// <summary>Whether one that comes now may go although others wait.</summary>
    private bool MayPass(in RateCharge charge, TenantState? tenant) =>
        tenant is null or { Waiting: 0 } && (_queue.Peek() is null || Vector256.LessThanOrEqualAll(charge.Most, _beside));

    /// <summary>Sets the timer to the instant at which there may be something to do if nothing is given back before.</summary>
    private void Arm(Waiter? head, long now)
    {
        var wake = _queue.NextUnparking;
        if (head is not null)
            wake = Math.Min(wake, _account.Fits(head.Charge)
                ? _coolDown.NextInstant
                : Math.Max(_account.InstantOfRoom(now, head.Charge), _coolDown.PausedUntil));
        // A reservation nobody settles makes room when its time is over.
        if (_queue.Count > 0 && _open.Count > 0)
            wake = Math.Min(wake, _open.OldestAdmitted + _limits.ReservationLifetime.Ticks + 1);
        if (wake == _wakeAt)
            return;
        _wakeAt = wake;
        var wait = wake == Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Clamp(wake - now, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMinute) + _clock.Lag);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a charge would wait behind others: a pause, and both limits.</summary>
    private TimeSpan WaitOf(in RateCharge charge, TenantState? tenant, in RateClaim claim, Vector256<long> ahead, long now)
    {
        var instant = Math.Max(_account.InstantOfRoom(now, charge, ahead), _coolDown.PausedUntil);
        if (tenant?.Account is { } own)
            instant = Math.Max(instant, own.InstantOfRoom(now, own.ChargeOf(claim)));
        // Only settlements can help: they come, but nobody knows when.
        if (instant == now && (_account.IsHeldUp(charge) || !_account.HasSlot))
            instant = now + TimeSpan.TicksPerMinute;
        return TimeSpan.FromTicks(instant - now);
    }

    internal void Leave(Waiter waiter, bool late)
    {
        TimeSpan wait;
        lock (_gate)
        {
            if (waiter.Queue is not { } queue)
                return;
            var now = AdvanceToNow();
            wait = late ? WaitOf(waiter.Charge, queue.Tenant, waiter.Claim, _queue.Ahead(waiter), now) : default;
            Forget(waiter, queue, now);
        }

        if (late)
            waiter.Fail(TooLong(waiter.Terms.MaxWait!.Value, wait));
        else
            waiter.Cancel();
    }

    private void Forget(Waiter waiter, TenantQueue queue, long now)
    {
        var next = _queue.Peek();
        _refused += waiter.Terms.MaxWait is null ? 0 : 1;
        _queue.Remove(waiter);
        ForgetIfGone(queue.Tenant);
        if (next == waiter || next is null)
            Pump(now);
    }

    private RateLimitExceededException TooLong(TimeSpan longest, TimeSpan wait) => new(
        Name,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Rate limit '{Name}' has room in about {wait.TotalSeconds:0.#} s, and the caller waits {longest.TotalSeconds:0.#} s at most (MaxWait)."),
        wait);
}
