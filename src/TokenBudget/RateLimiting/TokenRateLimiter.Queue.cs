namespace TokenBudget.RateLimiting;

/// <content>Who waits, and when to look again.</content>
public sealed partial class TokenRateLimiter
{
    private void OnTimer()
    {
        lock (_gate)
        {
            if (!_disposed)
                Pump(AdvanceToNow());
        }
    }

    /// <summary>Admits from the head of the queue while it fits.</summary>
    private void Pump(long now)
    {
        while (_waiters.First is { Value: var waiter } && MayGo(waiter.Demand, now))
        {
            _waiters.RemoveFirst();
            waiter.Node = null;
            waiter.Admit(Admit(waiter.Demand, now, TimeSpan.FromTicks(now - waiter.SinceTicks)));
        }

        Arm(now);
    }

    /// <summary>Sets the timer to the instant at which the head of the queue may fit if nothing is given back before.</summary>
    private void Arm(long now)
    {
        if (_waiters.First is not { Value: var waiter })
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var wait = Fits(waiter.Demand) ? _coolDown.NextInstant - now : Math.Max(InstantOfRoom(waiter.Demand), _coolDown.PausedUntil) - now;
        // A reservation nobody settles makes room when its time is over.
        if (_open.First is { Value: var oldest })
            wait = Math.Min(wait, oldest.AdmittedTicks + _limits.ReservationLifetime.Ticks + 1 - now);
        _timer.Change(TimeSpan.FromTicks(Math.Clamp(wait, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMinute)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// When used amounts alone leave room for the demand; a minute from now when only reservations stand in the way, because a
    /// settlement looks at once anyway.
    /// </summary>
    private long InstantOfRoom(TokenDemand demand)
    {
        var instant = 0L;
        Look(_requests, _effective.RequestsPerMinute - 1, 0);
        Look(_input, _effective.InputTokensPerMinute - demand.InputTokens, _reserved.InputTokens);
        Look(_output, _effective.OutputTokensPerMinute - demand.OutputTokens, _reserved.OutputTokens);
        Look(_total, _effective.TokensPerMinute - demand.TotalTokens, _reserved.TotalTokens);
        return instant == 0 ? long.MaxValue : instant;

        void Look(SlidingWindow window, long? atMost, long reserved)
        {
            if (atMost is { } most && window.Sum > Math.Max(0, most - reserved))
                instant = Math.Max(instant, window.InstantWhenAtMost(Math.Max(0, most - reserved)));
        }
    }

    private void Cancel(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node is null)
                return;
            _waiters.Remove(waiter.Node);
            waiter.Node = null;
            var now = AdvanceToNow();
            Pump(now);
        }

        waiter.Cancel();
    }

    private sealed class Waiter(TokenRateLimiter limiter, TokenDemand demand, long sinceTicks, CancellationToken cancellationToken)
        : TaskCompletionSource<RateReservation>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private CancellationTokenRegistration _registration;

        public TokenDemand Demand => demand;

        public long SinceTicks => sinceTicks;

        /// <summary>Its place in the queue; none once it was admitted or left. Guarded by the limiter's lock.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }

        public void Register()
        {
            if (!cancellationToken.CanBeCanceled)
                return;
            _registration = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).Leave(), this);
            if (Task.IsCompleted)
                _registration.Unregister();
        }

        public void Admit(RateReservation reservation)
        {
            // The result first: either Register sees it and unregisters, or it has registered and this line does.
            if (!TrySetResult(reservation))
                reservation.Dispose();
            _registration.Unregister();
        }

        public void Cancel() => TrySetCanceled(cancellationToken);

        public void Fail(Exception exception)
        {
            TrySetException(exception);
            _registration.Unregister();
        }

        private void Leave() => limiter.Cancel(this);
    }
}
