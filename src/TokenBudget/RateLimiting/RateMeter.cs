using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>How used amounts stop counting as time goes by: as a sliding minute, or as the provider's bucket refills. Not thread-safe. Times are ticks of the owner's clock.</summary>
internal abstract class RateMeter
{
    /// <summary>What counts as used, at the last instant it was moved to.</summary>
    public Vector256<long> Used { get; protected set; }

    /// <summary>Until when <see cref="Used"/> needs no <see cref="Advance"/>.</summary>
    public long StaleAt { get; protected set; } = long.MinValue;

    /// <summary>Moves to the present. A clock that steps back changes nothing.</summary>
    public abstract void Advance(long now);

    /// <summary>Books amounts at an instant; what stopped counting since then is not booked.</summary>
    public abstract void Add(long at, Vector256<long> amounts);

    /// <summary>What was booked after an instant.</summary>
    public abstract Vector256<long> AddedAfter(long at);

    /// <summary>What will still count at a later instant, if nothing is booked.</summary>
    public abstract Vector256<long> UsedAt(long instant);

    /// <summary>The first instant at which at most so much of a lane counts, if nothing is booked; it is more now.</summary>
    public abstract long InstantWhenAtMost(int lane, long atMost);

    /// <summary>How much of an amount the provider had counted at an earlier instant it counts still, by this rule.</summary>
    public abstract long Remains(int lane, long amount, long since, long now);
}
