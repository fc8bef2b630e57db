using System.Globalization;
using System.Threading.RateLimiting;

namespace TokenBudget.RateLimiting;

/// <summary>
/// Holds requests and tokens per minute, several dimensions at once, all or nothing: <c>used in the last 60 s + reserved ≤ limit</c>
/// at every instant, for every sliding minute (not only for calendar minutes, and without a burst beyond the limit).
/// </summary>
/// <remarks>
/// <para>A caller reserves an upper bound, sends, and settles with what the provider counted. Input counts from admission; output
/// counts from settlement, because that is when the provider had produced it at the latest. An excess over the reservation is
/// booked all the same, and admission waits until the sum is below the limit again.</para>
/// <para>Callers wait in the order they came: a large request is never overtaken for ever by small ones. Thread-safe; waiting is
/// driven by the <see cref="TimeProvider"/>, and a waiting caller leaves at once when cancelled. Time is measured, not read from the
/// date: a clock that is set back or forward changes nothing.</para>
/// <para>As a <see cref="RateLimiter"/>, one permit is one token of total demand and each acquisition is one request; its leases give
/// nothing back.</para>
/// </remarks>
public sealed partial class TokenRateLimiter : RateLimiter
{
    private readonly Lock _gate = new();
    private readonly RateLimits _limits;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly long _start;
    private readonly SlidingWindow _requests = new();
    private readonly SlidingWindow _input = new();
    private readonly SlidingWindow _output = new();
    private readonly SlidingWindow _total = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly LinkedList<RateReservation> _open = [];
    private readonly Dictionary<long, LinkedListNode<RateReservation>> _openById = [];
    private TokenDemand _reserved;
    private long _nextId;
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
        _effective = limits;
        _time = time ?? TimeProvider.System;
        _start = _time.GetTimestamp();
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
    public ValueTask<RateReservation> ReserveAsync(TokenDemand demand, CancellationToken cancellationToken = default)
    {
        demand.Validate();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<RateReservation>(cancellationToken);

        Waiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RefuseWhatNeverFits(demand);
            var now = AdvanceToNow();
            // Time may have made room before the timer came: an arrival that only set it anew would put the others off for ever.
            if (_waiters.Count > 0)
                Pump(now);
            if (_waiters.Count == 0 && MayGo(demand, now))
                return new ValueTask<RateReservation>(Admit(demand, now, TimeSpan.Zero));
            if (_waiters.Count >= _limits.QueueLimit)
            {
                _refused++;
                throw new RateLimitExceededException(
                    Name,
                    string.Create(CultureInfo.InvariantCulture, $"{_waiters.Count:N0} callers wait for rate limit '{Name}' already, as many as QueueLimit allows."),
                    TimeSpan.FromTicks(Math.Max(Math.Clamp(InstantOfRoom(demand) - now, 0, TimeSpan.TicksPerMinute), _coolDown.PausedUntil - now)));
            }

            waiter = new Waiter(this, demand, now, cancellationToken);
            waiter.Node = _waiters.AddLast(waiter);
            Arm(now);
        }

        // Outside the lock: a token cancelled by now calls back at once.
        waiter.Register();
        return new ValueTask<RateReservation>(waiter.Task);
    }

    /// <summary>Takes the demand if it fits at once and nobody waits.</summary>
    /// <param name="demand">An upper bound of what the request will use.</param>
    /// <returns>The reservation, or <see langword="null"/>.</returns>
    public RateReservation? TryReserve(TokenDemand demand)
    {
        demand.Validate();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var now = AdvanceToNow();
            if (_waiters.Count > 0)
                Pump(now);
            return _waiters.Count == 0 && MayGo(demand, now) ? Admit(demand, now, TimeSpan.Zero) : null;
        }
    }

    /// <summary>The limiter at this instant.</summary>
    public RateLimitStatus GetStatus()
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            return new RateLimitStatus(
                Name,
                _limits,
                _requests.Sum,
                _input.Sum + _reserved.InputTokens,
                _output.Sum + _reserved.OutputTokens,
                _open.Count,
                _waiters.Count)
            {
                Effective = _effective,
                PausedFor = TimeSpan.FromTicks(Math.Max(0, _coolDown.PausedUntil - now)),
            };
        }
    }

    /// <summary>The most input a request with so much output can have and still fit.</summary>
    internal long MostInput(long outputTokens) =>
        Math.Min(_effective.InputTokensPerMinute ?? long.MaxValue, (_effective.TokensPerMinute ?? long.MaxValue) - outputTokens);

    internal void Settle(RateReservation reservation, TokenDemand used)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            _coolDown.Answered(reservation.Id, now);
            Close(reservation);
            Book(reservation.AdmittedTicks, now, used);
            Pump(now);
        }
    }

    internal void Release(RateReservation reservation)
    {
        lock (_gate)
        {
            var now = AdvanceToNow();
            _coolDown.Withdrawn(reservation.Id, now);
            Close(reservation);
            _requests.Add(reservation.AdmittedTicks, -1);
            Pump(now);
        }
    }

    private void Book(long admitted, long now, TokenDemand used)
    {
        _input.Add(admitted, used.InputTokens);
        _output.Add(now, used.OutputTokens);
        _total.Add(admitted, used.InputTokens);
        _total.Add(now, used.OutputTokens);
    }

    private void Close(RateReservation reservation)
    {
        if (_openById.Remove(reservation.Id, out var node))
            _open.Remove(node);
        _reserved = new TokenDemand(
            _reserved.InputTokens - reservation.Reserved.InputTokens,
            _reserved.OutputTokens - reservation.Reserved.OutputTokens);
    }

    private void RefuseWhatNeverFits(TokenDemand demand)
    {
        if (TooLarge(demand) is null)
            return;
        _refused++;
        throw NeverFits(demand);
    }

    /// <summary>The dimension a demand is too large for, whatever else is used.</summary>
    private (long Wanted, long Limit, string What)? TooLarge(TokenDemand demand) =>
        demand.InputTokens > _effective.InputTokensPerMinute ? (demand.InputTokens, _effective.InputTokensPerMinute.Value, "input tokens")
        : demand.OutputTokens > _effective.OutputTokensPerMinute ? (demand.OutputTokens, _effective.OutputTokensPerMinute.Value, "output tokens")
        : demand.TotalTokens > _effective.TokensPerMinute ? (demand.TotalTokens, _effective.TokensPerMinute.Value, "tokens")
        : null;

    private RateLimitExceededException NeverFits(TokenDemand demand)
    {
        var (wanted, limit, what) = TooLarge(demand) ?? default;
        return new RateLimitExceededException(
            Name,
            string.Create(
                CultureInfo.InvariantCulture,
                $"A request of up to {wanted:N0} {what} can never fit rate limit '{Name}' of {limit:N0} a minute{(_effective == _limits ? string.Empty : " (as the provider reports it)")}. Lower MaxContextTokens or MaxOutputTokens, or raise the limit."),
            retryAfter: null);
    }

    private bool MayGo(TokenDemand demand, long now) => Fits(demand) && _coolDown.Allows(now);

    private bool Fits(TokenDemand demand) =>
        HasRoom(_effective.RequestsPerMinute, _requests.Sum, 1)
        && HasRoom(_effective.InputTokensPerMinute, _input.Sum + _reserved.InputTokens, demand.InputTokens)
        && HasRoom(_effective.OutputTokensPerMinute, _output.Sum + _reserved.OutputTokens, demand.OutputTokens)
        && HasRoom(_effective.TokensPerMinute, _total.Sum + _reserved.TotalTokens, demand.TotalTokens);

    private static bool HasRoom(long? limit, long taken, long wanted) => limit is not { } most || taken <= most - wanted;

    private RateReservation Admit(TokenDemand demand, long now, TimeSpan waited)
    {
        _admitted++;
        _requests.Add(now, 1);
        _reserved = new TokenDemand(_reserved.InputTokens + demand.InputTokens, _reserved.OutputTokens + demand.OutputTokens);
        var reservation = new RateReservation(this, ++_nextId, demand, now, waited);
        _openById[reservation.Id] = _open.AddLast(reservation);
        _coolDown.Admitted(reservation.Id, now);
        return reservation;
    }

    /// <summary>Moves the windows to the present and closes reservations nobody settled, as fully used.</summary>
    private long AdvanceToNow()
    {
        var now = _time.GetElapsedTime(_start).Ticks;
        _requests.Advance(now);
        _input.Advance(now);
        _output.Advance(now);
        _total.Advance(now);
        ForgetReport(now);
        while (_open.First is { Value: var oldest } && now - oldest.AdmittedTicks > _limits.ReservationLifetime.Ticks)
        {
            // Losing the race against its owner leaves the closing to the owner, who waits for this lock.
            if (!oldest.TryClose())
                break;
            Close(oldest);
            Book(oldest.AdmittedTicks, now, oldest.Reserved);
        }

        return now;
    }
}
