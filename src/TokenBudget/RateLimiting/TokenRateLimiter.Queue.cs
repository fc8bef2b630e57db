using System.Globalization;
using System.Runtime.CompilerServices;
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Enqueue(Ticket waiter, in AdmissionTerms terms, TenantState? accounted, long now, CancellationToken cancellationToken)
    {
        if (RefusalOf(waiter.Charge, accounted, now) is { } refusal)
        {
            _tickets.GiveBack(waiter);
            throw Refused(refusal);
        }

        waiter.Wait(terms, now, cancellationToken);
        _queue.Add(waiter, WaitingTenant(terms.Tenant, accounted), terms.Priority);
        // Otherwise the one in front of it is next still, and nothing has changed for that.
        if (_queue.Peek() == waiter)
            Pump(now);
        AskForShare();
        if (waiter.Queue is { } queue && terms.MaxWait is { } longest && !MayBeLentMore)
        {
            var wait = WaitOf(waiter.Charge, accounted, _queue.Ahead(waiter), now);
            if (wait > longest)
            {
                Remove(waiter, queue, now);
                throw Refused(TooLong(longest, wait));
            }
        }
    }

    /// <summary>Why a request may not wait.</summary>
    private Exception? RefusalOf(in RateCharge charge, TenantState? tenant, long now) =>
        !CanEverFit(charge, tenant) ? NeverFits(charge, tenant)
        : _isAway && IsRefusedWhileAway(charge) ? Away()
        : _queue.Count >= _limits.QueueLimit ? QueueIsFull(WaitOf(charge, tenant, _queue.Wanted, now))
        : null;

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
                if (!own.Fits(head.Charge))
                {
                    _queue.Park(head, Math.Max(now + 1, own.InstantOfRoom(now, head.Charge)));
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

    private void Grant(Ticket waiter, long now)
    {
        var tenant = waiter.Queue!.Tenant;
        _queue.Serve(waiter, _account.ShareOf(waiter.Charge));
        ForgetIfGone(tenant);
        var waited = TimeSpan.FromTicks(now - waiter.Since);
        Open(waiter, tenant.Account is null ? null : tenant, now);
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
        ref readonly var charge = ref head.Charge;
        if (_account.IsHeldUp(charge) || _account.Fits(charge))
            return;
        _beside = _account.RoomBeside(_account.InstantOfRoom(now, charge), charge);
        if (!Vector256.GreaterThanOrEqualAll(_beside, RateLane.OneRequest))
            return;
        foreach (var waiter in _queue.Behind(head, MostLookedAt).ToArray())
        {
            Renew(waiter);
            ref readonly var smaller = ref waiter.Charge;
            if (Vector256.LessThanOrEqualAll(smaller.Most, _beside) && _account.Fits(smaller)
                && (waiter.Queue!.Tenant.Account is not { } own || own.Fits(smaller)) && _coolDown.Allows(now))
                Grant(waiter, now);
        }
    }

    /// <summary>More may be known of its kind than when it came.</summary>
    private void Renew(Ticket waiter)
    {
        if (waiter.Estimator is not { } estimator)
            return;
        var expected = Expect(waiter.Bound, estimator, waiter.Queue!.Tenant);
        if (expected != waiter.Expected)
            _queue.Change(waiter, expected, _account.ChargeOf(waiter.Bound, expected));
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
            ref readonly var charge = ref head.Charge;
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
    private TimeSpan WaitOf(in RateCharge charge, TenantState? tenant, Vector256<long> ahead, long now)
    {
        var instant = Math.Max(_account.InstantOfRoom(now, charge, ahead), _coolDown.PausedUntil);
        if (tenant?.Account is { } own)
            instant = Math.Max(instant, own.InstantOfRoom(now, charge));
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
                ? Refused(TooLong(patience.Longest!.Value, WaitOf(waiter.Charge, queue.Tenant, _queue.Ahead(waiter), now)))
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

    private Exception Refused(Exception exception)
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
