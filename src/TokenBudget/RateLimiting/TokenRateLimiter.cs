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
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<RateReservation>(cancellationToken);

        Ticket ticket;
        long id;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            var tenant = AccountedTenant(terms.Tenant, now);
            ticket = Ask(demand.Clamped, terms.Estimator, tenant);
            id = MayGo(ticket, tenant, now) ? Open(ticket, tenant, now) : 0;
            if (id == 0)
                Enqueue(ticket, terms, tenant, now, cancellationToken);
        }

        if (id != 0)
            return new ValueTask<RateReservation>(new RateReservation(ticket, id, waited: TimeSpan.Zero));
        ticket.Patience?.Begin(_time);
        return ticket.Admission;
    }

    /// <summary>Takes the demand if it fits at once and delays nobody who waits.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <param name="tenant">For whom.</param>
    /// <returns>The reservation, or <see langword="null"/>.</returns>
    public RateReservation? TryReserve(TokenDemand demand, string? tenant = null)
    {
        demand.Validate();
        Ticket ticket;
        long id;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            var state = AccountedTenant(tenant, now);
            ticket = Ask(demand.Clamped, estimator: null, state);
            id = MayGo(ticket, state, now) ? Open(ticket, state, now) : 0;
            if (id == 0)
                _tickets.GiveBack(ticket);
        }

        return id == 0 ? null : new RateReservation(ticket, id, waited: TimeSpan.Zero);
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
        var (input, total) = _account.MostOfOne;
        return Math.Min(
            Math.Min(input, _limits.PerTenant?.InputTokensPerMinute ?? long.MaxValue),
            Math.Min(total, _limits.PerTenant?.TokensPerMinute ?? long.MaxValue) - outputTokens);
    }

    /// <summary>What a reservation was taken with and what it holds; nothing once it has ended.</summary>
    internal (TokenDemand Reserved, TokenDemand Held) AmountsOf(Ticket ticket, long id)
    {
        lock (_gate)
            return ticket.IsOpenAs(id) ? (ticket.Asked, ticket.Expected) : default;
    }

    internal void SettleInput(Ticket ticket, long id, long inputTokens)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            if (!ticket.IsOpenAs(id) || !_account.FollowsUsage)
                return;
            _coolDown.Answered(id, now);
            var input = new TokenDemand(inputTokens, 0).Clamped.InputTokens;
            var (bound, expected) = (ticket.Bound with { InputTokens = input }, ticket.Expected with { InputTokens = input });
            var charge = _account.ChargeOf(bound, expected);
            _account.Replace(ticket.Since, ticket.Charge, charge);
            if (ticket.Tenant is { Account: { } own } tenant)
            {
                own.Advance(now);
                own.Replace(ticket.Since, ticket.Charge, charge);
                _queue.Unpark(tenant);
            }

            ticket.Hold(bound, expected, charge);
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
            // What is given back leaves the account as if it had never been there, whatever the time is; only others have to know it.
            var isAlone = _queue.Count == 0 && !_coolDown.IsActive;
            var now = isAlone ? 0 : AdvanceToNow();
            if (!ticket.IsOpenAs(id))
                return;
            _account.Release(ticket.Since, ticket.Charge);
            if (ticket.Tenant is { Account: { } own } tenant)
            {
                own.Release(ticket.Since, ticket.Charge);
                _queue.Unpark(tenant);
            }

            _tickets.Close(ticket);
            if (isAlone)
                return;
            _coolDown.Withdrawn(id, now);
            if (_queue.Count > 0)
                Pump(now);
        }
    }

    private void Settle(Ticket ticket, TokenDemand used, long now)
    {
        _account.Settle(ticket.Since, now + _clock.Lag, ticket.Charge, used);
        if (ticket.Tenant is { Account: { } own } tenant)
        {
            own.Advance(now);
            own.Settle(ticket.Since, now + _clock.Lag, ticket.Charge, used);
            _queue.Unpark(tenant);
        }

        _tickets.Close(ticket);
    }

    /// <summary>What was learned takes the bound's place, unless it is more and would never fit: then the bound is all there is to go by.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TokenDemand Expect(TokenDemand bound, UsageEstimator estimator, TenantState? tenant)
    {
        if (!_account.HoldsExpectations)
            return bound;
        var expected = estimator.Expect(bound).Clamped;
        var isRaised = expected.InputTokens > bound.InputTokens || expected.OutputTokens > bound.OutputTokens;
        return isRaised && !CanEverFit(_account.ChargeOf(bound, expected), tenant) ? bound : expected;
    }

    private Ticket Ask(TokenDemand bound, UsageEstimator? estimator, TenantState? tenant)
    {
        var expected = estimator is null ? bound : Expect(bound, estimator, tenant);
        var ticket = _tickets.Take();
        ticket.Ask(bound, expected, _account.ChargeOf(bound, expected));
        return ticket;
    }

    private bool MayGo(Ticket ticket, TenantState? tenant, long now)
    {
        if (_queue.Count > 0)
        {
            // Time may have made room before the timer came.
            if (now >= _wakeAt)
                Pump(now);
            if (_queue.Count > 0 && !MayPass(ticket.Charge, tenant))
                return false;
        }

        return _account.Fits(ticket.Charge) && (tenant?.Account is not { } own || own.Fits(ticket.Charge)) && _coolDown.Allows(now);
    }

    /// <returns>The number of the reservation.</returns>
    private long Open(Ticket ticket, TenantState? tenant, long now)
    {
        _admitted++;
        var at = now + _clock.Lag;
        _account.Take(at, ticket.Charge);
        if (tenant?.Account is { } own)
            own.Take(at, ticket.Charge);
        if (_queue.Count > 0)
            _beside -= ticket.Charge.Most;
        _tickets.Open(ticket, at, tenant);
        _coolDown.Admitted(ticket.Id, now);
        return ticket.Id;
    }

    /// <summary>Moves to the present and closes reservations nobody settled, as fully used.</summary>
    private long AdvanceToNow()
    {
        var now = _clock.Now;
        _account.Advance(now);
        if (now >= _shareEnds)
            EndShare();
        while (_tickets.Oldest is { } oldest && now - _limits.ReservationLifetime.Ticks > oldest.Since)
            Settle(oldest, oldest.Most, now);

        return now;
    }

    /// <summary>Whether a request could go if nothing else were used or held.</summary>
    private bool CanEverFit(in RateCharge charge, TenantState? tenant) =>
        _account.CanHold(charge) && (tenant?.Account is not { } own || own.CanHold(charge));

    private RateLimitExceededException NeverFits(in RateCharge charge, TenantState? tenant)
    {
        var account = _account.CanHold(charge) ? tenant!.Account! : _account;
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
