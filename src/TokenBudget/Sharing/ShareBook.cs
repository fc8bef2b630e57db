namespace TokenBudget.Sharing;

/// <summary>The shares of one limit, and the rule by which they are lent. PostgreSQL has the same rule as a function. Not thread-safe: its owner holds a lock.</summary>
internal sealed class ShareBook
{
    // Longer than anybody is silent who uses the limit.
    private const long Silence = 2_000;
    // What was used counts for so long.
    private const long Window = 60_000;

    private readonly Dictionary<Guid, ShareRow> _rows = [];

    /// <summary>Since when the store hears of this limit without a long break.</summary>
    public long HeardSince { get; set; }

    public long HeardLast { get; set; }

    /// <summary>Until when nobody is lent more than it holds, because the store has forgotten who holds what.</summary>
    public long FrozenUntil { get; set; }

    public IReadOnlyCollection<ShareRow> Rows => _rows.Values;

    public void Add(ShareRow row) => _rows.Add(row.Holder, row);

    /// <summary>One exchange, at an instant of the store's clock.</summary>
    /// <param name="holder">The process.</param>
    /// <param name="sequence">Its exchange.</param>
    /// <param name="bid">What it holds and wants.</param>
    /// <param name="terms">On what terms shares are lent.</param>
    /// <param name="now">The instant.</param>
    /// <param name="emptied">When the store was found without any memory; 0, never. Who held something then says so within the lifetime of a share.</param>
    public LimitShare Exchange(Guid holder, long sequence, in ShareBid bid, in ShareTerms terms, long now, long emptied)
    {
        var lifetime = (long)terms.Lifetime.TotalMilliseconds;
        var lingers = (long)terms.Lingers.TotalMilliseconds;
        // After a break nobody's silence means anything: everybody gets the time to come back.
        if (now - HeardLast > Math.Max(Silence, lifetime))
            HeardSince = now;
        HeardLast = now;
        foreach (var row in _rows.Values)
            if (row.Holder != holder && Math.Max(row.Expires, HeardSince) + row.Lingers < now)
                _rows.Remove(row.Holder);

        if (!_rows.TryGetValue(holder, out var own))
            _rows.Add(holder, own = new ShareRow(holder));
        if (sequence <= own.Sequence)
            return new LimitShare(own.Amount, bid.Alone, bid.Capacity, _rows.Count, IsContested: false);

        // It has heard of an exchange that is not on record. Others may have too, and what those used who are gone counts for its minute.
        if (bid.Heard > own.Sequence)
            FrozenUntil = Math.Max(FrozenUntil, now + lifetime + Math.Min(lingers, Window));
        own.Sequence = sequence;
        own.Wants = Math.Max(bid.Holds, Math.Min(bid.Wants, bid.Capacity));
        own.Needs = Math.Min(bid.Needs, bid.Capacity);
        own.Expires = now + lifetime;
        own.Lingers = lingers;

        var (others, othersAlone, lapsed) = (0L, 0L, 0L);
        var live = new List<ShareRow> { own };
        foreach (var row in _rows.Values)
        {
            if (row == own)
                continue;
            others += row.TakenAt(now);
            othersAlone += row.Alone;
            if (row.Expires < now)
                lapsed += row.TakenAt(now);
            else
                live.Add(row);
        }

        var alone = terms.WorksAlone ? Math.Max(0, Math.Min(bid.Capacity / _rows.Count, bid.Capacity - othersAlone)) : 0;
        if (now < FrozenUntil || (emptied > 0 && now < emptied + lifetime))
        {
            (own.Amount, own.Alone, own.StarvesSince) = (bid.Holds, bid.Alone, 0);
            return new LimitShare(own.Amount, Math.Min(alone, bid.Alone), bid.Capacity, _rows.Count, IsContested: false);
        }

        var room = Math.Max(0, bid.Capacity - lapsed);
        var isContested = live.Sum(static row => row.Wants) > room;
        var fair = isContested ? FairPart(own, live, room, now) : bid.Capacity;
        if (!isContested)
            own.StarvesSince = 0;
        var free = Math.Max(0, bid.Capacity - others - bid.Holds);
        own.Amount = Math.Max(bid.Holds, Math.Min(Math.Min(own.Wants, fair), bid.Holds + free));
        own.Alone = Math.Max(alone, bid.Alone);
        return new LimitShare(own.Amount, alone, fair, _rows.Count, isContested);
    }

    /// <summary>An equal part, where what some do not want goes to the others. One whose next request is larger than that comes first, if it has waited longest.</summary>
    private static long FairPart(ShareRow own, List<ShareRow> live, long room, long now)
    {
        var level = Level(live, room);
        own.StarvesSince = own.Needs <= level ? 0 : own.StarvesSince == 0 ? now : own.StarvesSince;
        var first = live.Where(row => row.StarvesSince != 0 && row.Needs > level).OrderBy(static row => row.StarvesSince).ThenBy(static row => row.Holder).FirstOrDefault();
        if (first is null)
            return level;
        return first == own ? own.Needs : Level([.. live.Where(row => row != first)], Math.Max(0, room - first.Needs));
    }

    /// <summary>The level up to which all wants can be met. Rounded up, so that nothing is left over; what is free bounds it.</summary>
    private static long Level(List<ShareRow> live, long room)
    {
        var left = live.Count;
        foreach (var wants in live.Select(static row => row.Wants).Order())
        {
            var part = (room + left - 1) / left;
            if (wants > part)
                return part;
            room -= wants;
            left--;
        }

        return room;
    }
}
