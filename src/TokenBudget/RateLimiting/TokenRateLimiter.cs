using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;

namespace TokenBudget.RateLimiting;

/// <summary>
/// Holds requests and tokens per minute and requests at the same time, in all dimensions or none, for all callers together and for each
/// tenant. <see cref="RateLimitMode.StrictWindow"/> promises <c>used in the last 60 s + reserved ≤ limit</c> at every instant, for every sliding minute.
/// </summary>
/// <remarks>
/// <para>A caller reserves an upper bound, sends, and settles with what the provider counted. An excess over the reservation is booked all the
/// same, and admission waits until the sum is below the limit again.</para>
/// <para>Callers wait by priority, tenant and arrival (see <see cref="AdmissionTerms"/>). A request that is next is never delayed by others; smaller ones
/// pass it only where there is room beside it when its time comes. Thread-safe; waiting is driven by the <see cref="TimeProvider"/>, and a waiting caller
/// leaves at once when cancelled. Time is measured, not read from the date: a clock that is set back or forward changes nothing.</para>
/// <para>As a <see cref="RateLimiter"/>, one permit is one token of total demand and each acquisition is one request; its leases give
/// nothing back.</para>
/// </remarks>
public sealed partial class TokenRateLimiter : RateLimiter
{
    private readonly Lock _gate = new();
    private readonly RateLimits _limits;
    private readonly TimeProvider _time;
    private readonly RateClock _clock;
    private readonly ITimer _timer;
    private readonly RateAccount _account;
    private readonly ReservationSlots _open = new();
    private long _admitted;
    private long _refused;
    private bool _disposed;

    /// <summary>Creates a limiter.</summary>
    /// <param name="name">Its name in errors and metrics.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="time">Its clock; unset, the system's.</param>
    public TokenRateLimiter(string name, RateLimits limits, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate();
        Name = name;
        _limits = limits;
        _time = time ?? TimeProvider.System;
        _clock = new RateClock(_time);
        _account = new RateAccount(limits, SlidingWindow.CellTicks);
        _timer = _time.CreateTimer(static state => ((TokenRateLimiter)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The limit's name.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public RateLimits Limits => _limits;

    /// <summary>Waits until the demand fits and takes it.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="cancellationToken">Leaves the queue; nothing is taken.</param>
    /// <exception cref="RateLimitExceededException">The demand is larger than the limit and can never fit, or the queue is full.</exception>
    public ValueTask<RateReservation> ReserveAsync(TokenDemand demand, CancellationToken cancellationToken = default) =>
        ReserveAsync(demand, default, cancellationToken);

    /// <summary>Waits until the demand fits, on the caller's terms, and takes it.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="terms">For whom, how urgently, and how long at most.</param>
    /// <param name="cancellationToken">Leaves the queue; nothing is taken.</param>
    /// <exception cref="RateLimitExceededException">The demand is larger than a limit and can never fit, the queue is full, or the wait would be longer than <see cref="AdmissionTerms.MaxWait"/>.</exception>
    public ValueTask<RateReservation> ReserveAsync(TokenDemand demand, AdmissionTerms terms, CancellationToken cancellationToken = default)
    {
        demand.Validate();
        demand = demand.Clamped;
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<RateReservation>(cancellationToken);

        Waiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            var tenant = AccountedTenant(terms.Tenant, now);
            var claim = ClaimOf(demand, terms.Estimator, tenant);
            var charge = _account.ChargeOf(claim);
            RefuseWhatNeverFits(claim, charge, tenant);
            if (MayGo(claim, charge, tenant, now))
                return new ValueTask<RateReservation>(Admit(claim, charge, tenant, now, TimeSpan.Zero));
            waiter = Enqueue(claim, charge, terms, tenant, now, cancellationToken);
        }

        waiter.Register(_time);
        return new ValueTask<RateReservation>(waiter.Task);
    }

    /// <summary>Takes the demand if it fits at once and delays nobody who waits.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="tenant">For whom.</param>
    /// <returns>The reservation, or <see langword="null"/>.</returns>
    public RateReservation? TryReserve(TokenDemand demand, string? tenant = null)
    {
        demand.Validate();
        demand = demand.Clamped;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            var claim = new RateClaim(demand);
            var charge = _account.ChargeOf(claim);
            var state = AccountedTenant(tenant, now);
            return MayGo(claim, charge, state, now) ? Admit(claim, charge, state, now, TimeSpan.Zero) : null;
        }
    }

    /// <summary>The limiter at this instant.</summary>
    public RateLimitStatus GetStatus()
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            return StatusOf(Name, _account, _queue.Count, now);
        }
    }

    /// <summary>What a tenant uses of its own limits; <see langword="null"/> when it used nothing in the last minute, or tenants have no limits.</summary>
    /// <param name="tenant">The tenant.</param>
    public RateLimitStatus? GetStatus(string tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!_tenants.TryGetValue(tenant, out var state) || state.Account is not { } account)
                return null;
            account.Advance(now);
            return StatusOf(tenant, account, state.Waiting, now);
        }
    }

    /// <summary>The most input a request with so much output can have and still fit.</summary>
    internal long MostInput(long outputTokens)
    {
        lock (_gate)
            return Math.Min(
                Math.Min(_account.Capacity(RateLane.Input), _limits.PerTenant?.InputTokensPerMinute ?? long.MaxValue),
                Math.Min(_account.Capacity(RateLane.Total), _limits.PerTenant?.TokensPerMinute ?? long.MaxValue) - outputTokens);
    }

    internal void SettleInput(int slot, long id, long inputTokens)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            ref var open = ref _open.Find(slot, id);
            if (Unsafe.IsNullRef(ref open) || !_account.FollowsUsage)
                return;
            _coolDown.Answered(id, now);
            var before = open.Claim;
            open.Claim = before.WithInput(new TokenDemand(inputTokens, 0).Clamped.InputTokens);
            _account.Replace(open.Admitted, _account.ChargeOf(before), _account.ChargeOf(open.Claim));
            if (open.Tenant is { Account: { } own } tenant)
            {
                own.Advance(now);
                own.Replace(open.Admitted, own.ChargeOf(before), own.ChargeOf(open.Claim));
                _queue.Unpark(tenant);
            }

            if (_queue.Count > 0)
                Pump(now);
        }
    }

    internal void Settle(int slot, long id, TokenDemand used)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!_open.TryClose(slot, id, out var closed))
                return;
            _coolDown.Answered(id, now);
            Settle(closed, used.Clamped, now);
            if (_queue.Count > 0)
                Pump(now);
        }
    }

    internal void Release(int slot, long id)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!_open.TryClose(slot, id, out var closed))
                return;
            _coolDown.Withdrawn(id, now);
            _account.Release(closed.Admitted, _account.ChargeOf(closed.Claim));
            if (closed.Tenant is { Account: { } own } tenant)
            {
                own.Advance(now);
                own.Release(closed.Admitted, own.ChargeOf(closed.Claim));
                _queue.Unpark(tenant);
            }

            if (_queue.Count > 0)
                Pump(now);
        }
    }

    private void Settle(in ReservationSlots.Slot closed, TokenDemand used, long now)
    {
        _account.Settle(closed.Admitted, now + _clock.Lag, _account.ChargeOf(closed.Claim), used);
        if (closed.Tenant is not { Account: { } own } tenant)
            return;
        own.Advance(now);
        own.Settle(closed.Admitted, now + _clock.Lag, own.ChargeOf(closed.Claim), used);
        _queue.Unpark(tenant);
    }

    /// <summary>What was learned takes the bound's place, unless it is more and would never fit: then the bound is all there is to go by.</summary>
    private RateClaim ClaimOf(TokenDemand bound, UsageEstimator? estimator, TenantState? tenant)
    {
        if (estimator is null || !_account.HoldsExpectations)
            return new RateClaim(bound);
        var claim = new RateClaim(bound, estimator.Expect(bound).Clamped);
        var isTooLarge = claim.IsRaised && (_account.TooLargeLane(_account.ChargeOf(claim)) >= 0
            || (tenant?.Account is { } own && own.TooLargeLane(own.ChargeOf(claim)) >= 0));
        return isTooLarge ? new RateClaim(bound) : claim;
    }

    private bool MayGo(in RateClaim claim, in RateCharge charge, TenantState? tenant, long now)
    {
        if (_queue.Count > 0)
        {
            // Time may have made room before the timer came.
            if (now >= _wakeAt)
                Pump(now);
            if (_queue.Count > 0 && !MayPass(charge, tenant))
                return false;
        }

        return _account.Fits(charge) && (tenant?.Account is not { } own || own.Fits(own.ChargeOf(claim))) && _coolDown.Allows(now);
    }

    private RateReservation Admit(in RateClaim claim, in RateCharge charge, TenantState? tenant, long now, TimeSpan waited)
    {
        _admitted++;
        var at = now + _clock.Lag;
        _account.Take(at, charge);
        if (tenant?.Account is { } own)
            own.Take(at, own.ChargeOf(claim));
        if (_queue.Count > 0)
            _beside -= charge.Most;
        var (slot, id) = _open.Open(claim, at, tenant);
        _coolDown.Admitted(id, now);
        return new RateReservation(this, slot, id, claim, waited);
    }

    /// <summary>Moves to the present and closes reservations nobody settled, as fully used.</summary>
    private long AdvanceToNow()
    {
        var now = _clock.Now;
        _account.Advance(now);
        if (now >= _shareEnds)
            EndShare();
        while (now - _limits.ReservationLifetime.Ticks > _open.OldestAdmitted && _open.Count > 0)
        {
            var oldest = _open.CloseOldest();
            Settle(oldest, oldest.Claim.Most, now);
        }

        return now;
    }

    private void RefuseWhatNeverFits(in RateClaim claim, in RateCharge charge, TenantState? tenant)
    {
        if (NeverFits(claim, charge, tenant) is not { } exception)
            return;
        _refused++;
        throw exception;
    }

    private RateLimitExceededException? NeverFits(in RateClaim claim, in RateCharge charge, TenantState? tenant)
    {
        var account = _account;
        var asked = charge;
        var lane = account.TooLargeLane(asked);
        if (lane < 0 && tenant?.Account is { } own)
        {
            account = own;
            asked = own.ChargeOf(claim);
            lane = own.TooLargeLane(asked);
        }

        if (lane < 0)
            return null;
        var whose = account == _account ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" for tenant '{tenant!.Name}'");
        var reported = account.Effective == account.Configured ? string.Empty : " (as the provider reports it)";
        return new RateLimitExceededException(
            Name,
            string.Create(
                CultureInfo.InvariantCulture,
                $"A request of up to {asked.Most[lane]:N0} {RateLane.NameOf(lane)} can never fit rate limit '{Name}' of {account.Capacity(lane):N0} a minute{whose}{reported}. Lower MaxContextTokens or MaxOutputTokens, or raise the limit."),
            retryAfter: null);
    }

    private RateLimitStatus StatusOf(string name, RateAccount account, int waiting, long now)
    {
        var taken = account.Taken;
        return new RateLimitStatus(name, account.Configured, taken[RateLane.Requests], taken[RateLane.Input], taken[RateLane.Output], account.Open, waiting)
        {
            TotalTokens = taken[RateLane.Total],
            Effective = account.Effective,
            PausedFor = TimeSpan.FromTicks(Math.Max(0, _coolDown.PausedUntil - now)),
        };
    }
}
