using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>One set of limits and what is used and held of it: everybody's, or a tenant's. Not thread-safe: its owner holds a lock.</summary>
internal sealed class RateAccount
{
    // A limit that was reported by mistake refuses the very requests that would bring the right one.
    private static readonly long ReportLifetime = TimeSpan.FromMinutes(5).Ticks;

    private readonly ProviderProfile? _bucket;
    private readonly RateMeter _meter;
    private readonly RateCushion _cushion = new();
    private readonly RateRamp _ramp = new();

    // What fits at all; of it, what is lent to this process; and of that, what may be used now, which is less while the provider wants less.
    private Vector256<long> _limit;
    private Vector256<long> _lent;
    private Vector256<long> _room;
    private Vector256<double> _perLimit;
    private Vector256<long> _held;
    private RateShare? _share;
    private int _slots;
    private long _mostInput;
    private long _mostTotal;
    private long _reportedAt = long.MinValue;
    private int _open;

    public RateAccount(RateLimits limits, long cellTicks)
    {
        Configured = limits;
        Effective = limits;
        _bucket = limits.Mode == RateLimitMode.ProviderBucket ? limits.Profile ?? ProviderProfile.Generic : null;
        _meter = _bucket is null ? new SlidingWindow(cellTicks) : new RefillingBuckets(RateLane.Of(limits));
        SetCapacity();
    }

    public RateLimits Configured { get; }

    /// <summary>The smaller of what is configured and what the provider reported.</summary>
    public RateLimits Effective { get; private set; }

    /// <summary>How much of the limits may be used now: less than all after <see cref="SlowDown"/>.</summary>
    public double RampShare => _ramp.Share;

    /// <summary>What is used and what is held.</summary>
    public Vector256<long> Taken => _meter.Used + _held;

    public int Open => _open;

    /// <summary>Whether nothing of it is in use, so that a new one would be the same.</summary>
    public bool IsEmpty => _open == 0 && _meter.Used == Vector256<long>.Zero;

    /// <summary>Whether another request may be open at all.</summary>
    public bool HasSlot => _open < _slots;

    public void Advance(long now)
    {
        if (now < _meter.StaleAt)
            return;
        _meter.Advance(now);
        if (_reportedAt != long.MinValue && now - _reportedAt > ReportLifetime)
        {
            _reportedAt = long.MinValue;
            Effective = Configured;
            SetCapacity();
        }

        if (now >= _ramp.GrowsAt)
        {
            _ramp.Advance(now);
            SetCapacity();
        }
    }

    /// <summary>The provider says that traffic grew too fast.</summary>
    public void SlowDown(long now)
    {
        _ramp.SlowDown(LargestShare(_meter.AddedAfter(now - TimeSpan.TicksPerMinute) + _held), now);
        SetCapacity();
    }

    /// <summary>Whether what is expected of a request may be held instead of its bound; a provider that charges <c>max_tokens</c> does not care for it.</summary>
    public bool HoldsExpectations => _bucket is null or { Output: OutputCharge.Produced };

    /// <summary>What a request takes of this account.</summary>
    /// <param name="bound">The most it should use.</param>
    /// <param name="expected">What is held for it: the bound, or what was learned.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RateCharge ChargeOf(TokenDemand bound, TokenDemand expected) => _bucket is null
        ? new(RateLane.OneRequest, RateLane.Tokens(expected.InputTokens, expected.OutputTokens), GapOf(bound, expected))
        : ChargeOf(_bucket.Output, expected, GapOf(bound, expected));

    private static Vector256<long> GapOf(TokenDemand bound, TokenDemand expected) => bound == expected
        ? default
        : RateLane.Tokens(Math.Max(0, bound.InputTokens - expected.InputTokens), Math.Max(0, bound.OutputTokens - expected.OutputTokens));

    private static RateCharge ChargeOf(OutputCharge output, TokenDemand expected, Vector256<long> gap) => output switch
    {
        OutputCharge.Produced => new(RateLane.OneRequest + RateLane.Tokens(expected.InputTokens, 0), RateLane.Tokens(0, expected.OutputTokens), gap),
        OutputCharge.LargerOfInputAndMaximum => new(
            Vector256.Create(1, expected.InputTokens, expected.OutputTokens, Math.Max(expected.InputTokens, expected.OutputTokens)), default, gap),
        _ => new(RateLane.OneRequest + RateLane.Tokens(expected.InputTokens, expected.OutputTokens), default, gap),
    };

    /// <summary>Whether what was charged at admission is replaced by what is used.</summary>
    public bool FollowsUsage => _bucket is not { CorrectsToUsage: false };

    /// <remarks>A request that is larger than what may be used for the time being goes alone; one that is larger than what is lent waits for more.</remarks>
    public bool Fits(in RateCharge charge) => HasSlot
        && CanHold(charge)
        && Vector256.LessThanOrEqualAll(Taken + _cushion.With(charge.Gap), Vector256.Max(_room - charge.All, Vector256.Min(charge.Gap, _lent - charge.All)));

    /// <summary>Whether it would fit if nothing else were used or held.</summary>
    public bool CanHold(in RateCharge charge) => Vector256.LessThanOrEqualAll(charge.Most, _limit);

    /// <summary>The first lane a charge is too large for, whatever else is used.</summary>
    public int TooLargeLane(in RateCharge charge) =>
        System.Numerics.BitOperations.TrailingZeroCount(Vector256.GreaterThan(charge.Most, _limit).ExtractMostSignificantBits());

    public long Capacity(int lane) => _limit[lane];

    /// <summary>The most input and the most tokens of one request. May be read without the owner's lock.</summary>
    public (long Input, long Total) MostOfOne => (Volatile.Read(ref _mostInput), Volatile.Read(ref _mostTotal));

    /// <summary>How large a part of the limit a charge is, in the lane where it is largest: what fairness is measured in.</summary>
    public double ShareOf(in RateCharge charge) => LargestShare(charge.All);

    private double LargestShare(Vector256<long> amounts)
    {
        var shares = Vector256.ConvertToDouble(amounts) * _perLimit;
        return Math.Max(Math.Max(shares[0], shares[1]), Math.Max(shares[2], shares[3]));
    }

    public void Take(long at, in RateCharge charge)
    {
        _open++;
        _held += charge.Held;
        _cushion.Add(charge.Gap);
        _meter.Add(at, charge.AtOnce);
    }

    /// <summary>More is known of an open request than when it was admitted.</summary>
    public void Replace(long admitted, in RateCharge charge, in RateCharge known)
    {
        _held += known.Held - charge.Held;
        _cushion.Remove(charge.Gap, isLast: false);
        _cushion.Add(known.Gap);
        _meter.Add(admitted, known.AtOnce - charge.AtOnce);
    }

    /// <summary>Replaces what was held by what was used.</summary>
    public void Settle(long admitted, long at, in RateCharge charge, TokenDemand used)
    {
        Close(charge);
        if (_bucket is null)
        {
            // Input went out with the request; output is there at the latest now.
            _meter.Add(admitted, RateLane.Tokens(used.InputTokens, 0));
            _meter.Add(at, RateLane.Tokens(0, used.OutputTokens));
        }
        else if (_bucket.CorrectsToUsage)
        {
            _meter.Add(at, RateLane.OneRequest + RateLane.Tokens(used.InputTokens, used.OutputTokens) - charge.AtOnce);
        }
    }

    /// <summary>Gives back what was never sent.</summary>
    public void Release(long admitted, in RateCharge charge)
    {
        Close(charge);
        _meter.Add(admitted, -charge.AtOnce);
    }

    /// <summary>
    /// When used amounts alone leave room for a charge behind others that wait, and never before <paramref name="now"/>; what is held counts as
    /// used, because who holds it may use all of it.
    /// </summary>
    /// <returns>The instant; in a lane where what is held alone stands in the way, a minute from now, because nobody knows.</returns>
    public long InstantOfRoom(long now, in RateCharge charge, Vector256<long> ahead = default)
    {
        var instant = now;
        var held = _held + _cushion.With(charge.Gap);
        for (var lane = 0; lane < RateLane.Count; lane++)
        {
            var capacity = _room[lane];
            if (capacity == long.MaxValue || (ahead[lane] | charge.All[lane]) == 0)
                continue;
            if (charge.All[lane] > _lent[lane] || capacity == 0)
            {
                // Larger than the share of this process: it may get more at any time, or not.
                instant = Math.Max(instant, now + TimeSpan.TicksPerMinute);
                continue;
            }

            // Whole windows go to those ahead; what is left over has to fit into the last one together with the charge.
            // What is larger than may be used for the time being goes alone.
            var wanted = ahead[lane] + Math.Min(charge.All[lane], capacity);
            var rounds = Math.Max(0, wanted - 1) / capacity;
            var atMost = capacity - (wanted - (rounds * capacity)) - held[lane];
            var room = _meter.Used[lane] <= atMost ? now
                : atMost < 0 ? now + TimeSpan.TicksPerMinute
                : _meter.InstantWhenAtMost(lane, atMost);
            instant = Math.Max(instant, room + (Math.Min(rounds, 1_000_000) * TimeSpan.TicksPerMinute));
        }

        return instant;
    }

    /// <summary>Whether settlements that may never come, rather than time, have to make room for a charge.</summary>
    public bool IsHeldUp(in RateCharge charge) => !HasSlot || !Vector256.LessThanOrEqualAll(_held + _cushion.With(charge.Gap), _room - charge.All);

    /// <summary>What is left at a later instant beside a charge that starts then.</summary>
    public Vector256<long> RoomBeside(long instant, in RateCharge charge) => _room - charge.All - _held - _cushion.With(charge.Gap) - _meter.UsedAt(instant);

    /// <summary>Adopts what the provider says: its limits, and what it has counted that was not admitted here.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="at">When it was made.</param>
    /// <param name="now">The present.</param>
    /// <param name="heldAfter">What was admitted after the reading and is held still.</param>
    /// <param name="unheard">What was charged at once, before the reading, by requests that are not answered yet.</param>
    /// <returns>Whether a limit is smaller now.</returns>
    public bool Correct(RateLimitReading reading, long at, long now, Vector256<long> heldAfter, Vector256<long> unheard)
    {
        var limit = _limit;
        if (at >= _reportedAt)
            Adopt(reading, at);
        var after = _meter.AddedAfter(at);
        Compare(RateLane.Requests, reading.Requests);
        Compare(RateLane.Input, reading.InputTokens);
        Compare(RateLane.Output, reading.OutputTokens);
        Compare(RateLane.Total, reading.TotalTokens);
        return Vector256.LessThanAny(_limit, limit);

        void Compare(int lane, LimitReading? of)
        {
            if (of is not { Limit: { } limit and > 0, Remaining: { } remaining and >= 0, RoundedTo: var rounded } || remaining > limit)
                return;
            var doubt = Math.Max(0, rounded) / 2;
            var least = _meter.Remains(lane, Math.Max(0, limit - remaining - doubt), at, now) + after[lane] + heldAfter[lane];
            var excess = least - Taken[lane];
            if (excess > 0)
            {
                // Used by others: booked where it leaves a sliding minute at the provider's reset.
                var reset = Math.Clamp(of.Value.ResetAfter?.Ticks ?? TimeSpan.TicksPerMinute, 0, TimeSpan.TicksPerMinute);
                if (at + reset > now)
                    _meter.Add(at + reset - TimeSpan.TicksPerMinute, Lane(lane, excess));
            }
            else if (_bucket is not null)
            {
                // A mirror follows both ways; what is under way may not have been counted yet.
                var most = _meter.Remains(lane, limit - remaining + doubt, at, now) + after[lane] + unheard[lane];
                if (_meter.Used[lane] > most)
                    _meter.Add(now, Lane(lane, most - _meter.Used[lane]));
            }
        }

        static Vector256<long> Lane(int lane, long amount) => Vector256<long>.Zero.WithElement(lane, amount);
    }

    private void Close(in RateCharge charge)
    {
        _open--;
        _held -= charge.Held;
        _cushion.Remove(charge.Gap, isLast: _open == 0);
    }

    private void Adopt(RateLimitReading reading, long at)
    {
        _reportedAt = at;
        Effective = Configured with
        {
            RequestsPerMinute = Smaller(Configured.RequestsPerMinute, Effective.RequestsPerMinute, reading.Requests),
            InputTokensPerMinute = Smaller(Configured.InputTokensPerMinute, Effective.InputTokensPerMinute, reading.InputTokens),
            OutputTokensPerMinute = Smaller(Configured.OutputTokensPerMinute, Effective.OutputTokensPerMinute, reading.OutputTokens),
            TokensPerMinute = Smaller(Configured.TokensPerMinute, Effective.TokensPerMinute, reading.TotalTokens),
        };
        SetCapacity();

        static long? Smaller(long? configured, long? known, LimitReading? reading)
        {
            if (reading?.Limit is not { } reported || reported < 1)
                return known;
            return configured is { } own ? Math.Min(own, reported) : reported;
        }
    }

    /// <summary>The share of the limit that is kept to; all of it, unless something else was said.</summary>
    public RateShare Share => _share ?? RateShare.All;

    /// <summary>Whether the share is not the whole limit.</summary>
    public bool IsShareSmaller => _lent != _limit || _slots < (Effective.MaxConcurrentRequests ?? int.MaxValue);

    /// <summary>What is kept free for requests that use more than was held for them.</summary>
    public Vector256<long> Cushion => _cushion.Value;

    /// <summary>Whether a charge would fit the share if nothing was used.</summary>
    public bool EverFits(in RateCharge charge) => _slots > 0 && Vector256.LessThanOrEqualAll(charge.Most, _lent);

    /// <summary>Keeps to a share of the limit.</summary>
    public void SetShare(RateShare share)
    {
        _share = share;
        SetCapacity();
    }

    /// <summary>The smallest share under which an amount fits a lane.</summary>
    public long ShareFor(int lane, long amount) => amount <= 0 ? 0
        : (long)Int128.Min(long.MaxValue, (((Int128)amount * TimeSpan.TicksPerMinute) + BurstOf(lane) - 1) / BurstOf(lane));

    private void SetCapacity()
    {
        var perMinute = RateLane.Of(Effective);
        _limit = Burst(perMinute);
        _perLimit = Vector256<double>.One / Vector256.ConvertToDouble(_limit);
        Volatile.Write(ref _mostInput, _limit[RateLane.Input]);
        Volatile.Write(ref _mostTotal, _limit[RateLane.Total]);
        _slots = Effective.MaxConcurrentRequests ?? int.MaxValue;
        if (_share is { } share)
        {
            perMinute = Vector256.Min(perMinute, share.PerMinute);
            _slots = Math.Min(_slots, share.Slots);
        }

        _lent = Vector256.Min(_limit, Burst(perMinute));
        for (var lane = 0; lane < RateLane.Count; lane++)
            if (_ramp.Share < 1 && perMinute[lane] is > 0 and not long.MaxValue)
                perMinute = perMinute.WithElement(lane, Math.Max(1, (long)(perMinute[lane] * _ramp.Share)));
        _room = Vector256.Min(_lent, Burst(perMinute));
        // A bucket that never refills could not say when.
        (_meter as RefillingBuckets)?.SetLimits(Vector256.Max(perMinute, Vector256<long>.One));
    }

    private Vector256<long> Burst(Vector256<long> perMinute)
    {
        for (var lane = 0; lane < RateLane.Count; lane++)
            if (perMinute[lane] is > 0 and not long.MaxValue)
                perMinute = perMinute.WithElement(lane, (long)Int128.Max(1, (Int128)perMinute[lane] * BurstOf(lane) / TimeSpan.TicksPerMinute));
        return perMinute;
    }

    /// <summary>For how long a lane's rate is admitted at once.</summary>
    private long BurstOf(int lane) => _bucket is null
        ? TimeSpan.TicksPerMinute
        : Math.Clamp((lane == RateLane.Requests ? _bucket.RequestBurst : _bucket.TokenBurst).Ticks, 1, TimeSpan.TicksPerMinute);
}
