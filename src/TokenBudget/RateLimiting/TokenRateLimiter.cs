using System.Globalization;
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
    private readonly Tickets _tickets;
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
        _tickets = new Tickets(this);
        _account = new RateAccount(limits, SlidingWindow.CellTicks);
        _timer = _time.CreateTimer(static state => ((TokenRateLimiter)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The limit's name.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public RateLimits Limits => _limits;

    /// <summary>Waits until the demand fits and takes it. What is returned is to be awaited once.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="cancellationToken">Leaves the queue; nothing is taken.</param>
    /// <exception cref="RateLimitExceededException">The demand is larger than the limit and can never fit, or the queue is full.</exception>
    public ValueTask<RateReservation> ReserveAsync(TokenDemand demand, CancellationToken cancellationToken = default) =>
        ReserveAsync(demand, default, cancellationToken);

    /// <summary>Waits until the demand fits, on the caller's terms, and takes it. What is returned is to be awaited once.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="terms">For whom, how urgently, and how long at most.</param>
    /// <param name="cancellationToken">Leaves the queue; nothing is taken.</param>
    /// <exception cref="RateLimitExceededException">The demand is larger than a limit and can never fit, the queue is full, or the wait would be longer than <see cref="AdmissionTerms.MaxWait"/>.</exception>
    public ValueTask<RateReservation> ReserveAsync(TokenDemand demand, AdmissionTerms terms, CancellationToken cancellationToken = default)
    {
        demand.Validate();
        terms.Validate();
        demand = demand.Clamped;
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<RateReservation>(cancellationToken);

        Ticket waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            var tenant = AccountedTenant(terms.Tenant, now);
            var claim = ClaimOf(demand, terms.Estimator, tenant);
            var charge = _account.ChargeOf(claim);
            if (MayGo(claim, charge, tenant, now))
                return new ValueTask<RateReservation>(Admit(claim, charge, tenant, now));
            waiter = Enqueue(claim, charge, terms, tenant, now, cancellationToken);
        }

        waiter.Patience?.Begin(_time);
        return waiter.Admission;
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
            return MayGo(claim, charge, state, now) ? Admit(claim, charge, state, now) : null;
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

    internal void SettleInput(Ticket ticket, long id, long inputTokens)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!ticket.IsOpenAs(id) || !_account.FollowsUsage)
                return;
            _coolDown.Answered(id, now);
            var before = ticket.Claim;
            ticket.Claim = before.WithInput(new TokenDemand(inputTokens, 0).Clamped.InputTokens);
            _account.Replace(ticket.Since, _account.ChargeOf(before), _account.ChargeOf(ticket.Claim));
            if (ticket.Tenant is { Account: { } own } tenant)
            {
                own.Advance(now);
                own.Replace(ticket.Since, own.ChargeOf(before), own.ChargeOf(ticket.Claim));
                _queue.Unpark(tenant);
            }

            if (_queue.Count > 0)
                Pump(now);
        }
    }

    internal void Settle(Ticket ticket, long id, TokenDemand used)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!ticket.IsOpenAs(id))
                return;
            _coolDown.Answered(id, now);
            Settle(ticket, used.Clamped, now);
            if (_queue.Count > 0)
                Pump(now);
        }
    }

    internal void Release(Ticket ticket, long id)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!ticket.IsOpenAs(id))
                return;
            _coolDown.Withdrawn(id, now);
            _account.Release(ticket.Since, _account.ChargeOf(ticket.Claim));
            if (ticket.Tenant is { Account: { } own } tenant)
            {
                own.Advance(now);
                own.Release(ticket.Since, own.ChargeOf(ticket.Claim));
                _queue.Unpark(tenant);
            }

            _tickets.Close(ticket);
            if (_queue.Count > 0)
                Pump(now);
        }
    }

    private void Settle(Ticket ticket, TokenDemand used, long now)
    {
        _account.Settle(ticket.Since, now + _clock.Lag, _account.ChargeOf(ticket.Claim), used);
        if (ticket.Tenant is { Account: { } own } tenant)
        {
            own.Advance(now);
            own.Settle(ticket.Since, now + _clock.Lag, own.ChargeOf(ticket.Claim), used);
            _queue.Unpark(tenant);
        }

        _tickets.Close(ticket);
    }

    /// <summary>What was learned takes the bound's place, unless it is more and would never fit: then the bound is all there is to go by.</summary>
    private RateClaim ClaimOf(TokenDemand bound, UsageEstimator? estimator, TenantState? tenant)
    {
        if (estimator is null || !_account.HoldsExpectations)
            return new RateClaim(bound);
        var claim = new RateClaim(bound, estimator.Expect(bound).Clamped);
        return claim.IsRaised && !CanEverFit(claim, _account.ChargeOf(claim), tenant) ? new RateClaim(bound) : claim;
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

    private RateReservation Admit(in RateClaim claim, in RateCharge charge, TenantState? tenant, long now)
    {
        var ticket = _tickets.Take();
        ticket.Claim = claim;
        Open(ticket, charge, tenant, now);
        return new RateReservation(ticket, claim, waited: TimeSpan.Zero);
    }

    private void Open(Ticket ticket, in RateCharge charge, TenantState? tenant, long now)
    {
        _admitted++;
        var at = now + _clock.Lag;
        _account.Take(at, charge);
        if (tenant?.Account is { } own)
            own.Take(at, own.ChargeOf(ticket.Claim));
        if (_queue.Count > 0)
            _beside -= charge.Most;
        _tickets.Open(ticket, at, tenant);
        _coolDown.Admitted(ticket.Id, now);
    }

    /// <summary>Moves to the present and closes reservations nobody settled, as fully used.</summary>
    private long AdvanceToNow()
    {
        var now = _clock.Now;
        _account.Advance(now);
        if (now >= _shareEnds)
            EndShare();
        while (_tickets.Oldest is { } oldest && now - _limits.ReservationLifetime.Ticks > oldest.Since)
            Settle(oldest, oldest.Claim.Most, now);

        return now;
    }

    /// <summary>Whether a request could go if nothing else were used or held.</summary>
    private bool CanEverFit(in RateClaim claim, in RateCharge charge, TenantState? tenant) =>
        _account.CanHold(charge) && (tenant?.Account is not { } own || own.CanHold(own.ChargeOf(claim)));

    private RateLimitExceededException NeverFits(in RateClaim claim, TenantState? tenant)
    {
        var account = _account;
        var charge = account.ChargeOf(claim);
        if (account.CanHold(charge))
        {
            account = tenant!.Account!;
            charge = account.ChargeOf(claim);
        }

        var lane = account.TooLargeLane(charge);
        var whose = account == _account ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" for tenant '{tenant!.Name}'");
        var reported = account.Effective == account.Configured ? string.Empty : " (as the provider reports it)";
        return new RateLimitExceededException(
            Name,
            string.Create(
                CultureInfo.InvariantCulture,
                $"A request of up to {charge.Most[lane]:N0} {RateLane.NameOf(lane)} can never fit rate limit '{Name}' of {account.Capacity(lane):N0} a minute{whose}{reported}. Lower MaxContextTokens or MaxOutputTokens, or raise the limit."),
            retryAfter: null);
    }

    private RateLimitStatus StatusOf(string name, RateAccount account, int waiting, long now)
    {
        var taken = account.Taken;
        return new RateLimitStatus(name, account.Configured, taken[RateLane.Requests], taken[RateLane.Input], taken[RateLane.Output], account.Open, waiting)
        {
            TotalTokens = taken[RateLane.Total],
            Effective = account.Effective,
            Share = account.RampShare,
            PausedFor = TimeSpan.FromTicks(Math.Max(0, _coolDown.PausedUntil - now)),
        };
    }
}
