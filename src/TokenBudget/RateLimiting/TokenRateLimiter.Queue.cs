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

    private Ticket Enqueue(in RateClaim claim, in RateCharge charge, AdmissionTerms terms, TenantState? accounted, long now, CancellationToken cancellationToken)
    {
        if (!CanEverFit(claim, charge, accounted))
            throw Refused(NeverFits(claim, accounted));
        RefuseWhileAway(charge);
        if (_queue.Count >= _limits.QueueLimit)
            throw Refused(QueueIsFull(WaitOf(charge, accounted, claim, _queue.Wanted, now)));

        var waiter = _tickets.Take();
        waiter.Wait(claim, charge, terms, now, cancellationToken);
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
                Remove(waiter, queue, now);
                throw Refused(TooLong(longest, wait));
            }
        }

        return waiter;
    }

    /// <summary>Admits those whose turn it is while they fit, then smaller ones for whom there is room beside the next.</summary>
    private void Pump(long now)
    {
        _queue.Unpark(now);
        Ticket? head;
        while ((head = _queue.Peek()) is not null)
        {
            Renew(head);
            var tenant = head.Queue!.Tenant;
            if (tenant.Account is { } own)
            {
                own.Advance(now);
                var ownCharge = own.ChargeOf(head.Claim);
                if (!own.Fits(ownCharge))
                {
                    _queue.Park(head, Math.Max(now + 1, own.InstantOfRoom(now, ownCharge)));
                    continue;
                }
            }

            var charge = _account.ChargeOf(head.Claim);
            if (!_account.Fits(charge) || !_coolDown.Allows(now))
                break;
            Grant(head, charge, now);
        }

        LookBeside(head, now);
        Arm(head, now);
    }

    private void Grant(Ticket waiter, in RateCharge charge, long now)
    {
        var tenant = waiter.Queue!.Tenant;
        _queue.Serve(waiter, _account.ShareOf(charge));
        ForgetIfGone(tenant);
        var waited = TimeSpan.FromTicks(now - waiter.Since);
        Open(waiter, charge, tenant.Account is null ? null : tenant, now);
        waiter.Admit(waited);
    }

    /// <summary>
    /// The next in the queue has a start that is certain when only time has to pass: then what is left beside it at that instant may go before
    /// it. While it waits for settlements, nobody knows its start, and nobody passes.
    /// </summary>
    private void LookBeside(Ticket? head, long now)
    {
        _beside = Nothing;
        if (head is null)
            return;
        var charge = _account.ChargeOf(head.Claim);
        if (_account.IsHeldUp(charge) || _account.Fits(charge))
            return;
        _beside = _account.RoomBeside(_account.InstantOfRoom(now, charge), charge);
        if (!Vector256.GreaterThanOrEqualAll(_beside, RateLane.OneRequest))
            return;
        foreach (var waiter in _queue.Behind(head, MostLookedAt).ToArray())
        {
            Renew(waiter);
            var smaller = _account.ChargeOf(waiter.Claim);
            if (Vector256.LessThanOrEqualAll(smaller.Most, _beside) && _account.Fits(smaller)
                && (waiter.Queue!.Tenant.Account is not { } own || own.Fits(own.ChargeOf(waiter.Claim))) && _coolDown.Allows(now))
                Grant(waiter, smaller, now);
        }
    }

    /// <summary>More may be known of its kind than when it came.</summary>
    private void Renew(Ticket waiter)
    {
        if (waiter.Terms.Estimator is not { } estimator)
            return;
        var claim = ClaimOf(waiter.Claim.Bound, estimator, waiter.Queue!.Tenant);
        if (claim == waiter.Claim)
            return;
        waiter.Claim = claim;
        _queue.Change(waiter, _account.ChargeOf(claim).All);
    }

    /// <summary>Whether one that comes now may go although others wait.</summary>
    private bool MayPass(in RateCharge charge, TenantState? tenant) =>
        tenant is null or { Waiting: 0 } && (_queue.Peek() is null || Vector256.LessThanOrEqualAll(charge.Most, _beside));

    /// <summary>Sets the timer to the instant at which there may be something to do if nothing is given back before.</summary>
    private void Arm(Ticket? head, long now)
    {
        var wake = _queue.NextUnparking;
        // Time gives nobody a slot: who has one gives it back.
        if (head is not null && _account.HasSlot)
        {
            var charge = _account.ChargeOf(head.Claim);
            wake = Math.Min(wake, _account.Fits(charge)
                ? _coolDown.NextInstant
                : Math.Max(_account.InstantOfRoom(now, charge), _coolDown.PausedUntil));
        }

        // A reservation nobody settles makes room when its time is over.
        if (_queue.Count > 0 && _tickets.Oldest is { } oldest)
            wake = Math.Min(wake, oldest.Since + _limits.ReservationLifetime.Ticks + 1);
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

    internal void Leave(Patience patience, bool isLate)
    {
        var waiter = patience.Ticket;
        Exception left;
        lock (_gate)
        {
            // It was admitted at the same instant, and may stand for somebody else by now.
            if (waiter.Patience != patience || waiter.Queue is not { } queue)
                return;
            var now = AdvanceToNow();
            left = isLate
                ? Refused(TooLong(waiter.Terms.MaxWait!.Value, WaitOf(_account.ChargeOf(waiter.Claim), queue.Tenant, waiter.Claim, _queue.Ahead(waiter), now)))
                : new OperationCanceledException(patience.CancellationToken);
            Remove(waiter, queue, now);
        }

        waiter.Fail(left);
    }

    private void Remove(Ticket waiter, TenantQueue queue, long now)
    {
        var next = _queue.Peek();
        _queue.Remove(waiter);
        ForgetIfGone(queue.Tenant);
        if (next == waiter || next is null)
            Pump(now);
    }

    private RateLimitExceededException Refused(RateLimitExceededException exception)
    {
        _refused++;
        return exception;
    }

    private RateLimitExceededException QueueIsFull(TimeSpan wait) => new(
        Name,
        string.Create(CultureInfo.InvariantCulture, $"{_queue.Count:N0} callers wait for rate limit '{Name}' already, as many as QueueLimit allows."),
        wait);

    private RateLimitExceededException TooLong(TimeSpan longest, TimeSpan wait) => new(
        Name,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Rate limit '{Name}' has room in about {wait.TotalSeconds:0.#} s, and the caller waits {longest.TotalSeconds:0.#} s at most (MaxWait)."),
        wait);
}
