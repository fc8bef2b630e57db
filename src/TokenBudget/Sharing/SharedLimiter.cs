using System.Globalization;
using TokenBudget.RateLimiting;

namespace TokenBudget.Sharing;

/// <summary>One rate limit of this process and its share: how much to ask for, what to give back, what to do without the store. Used by one thread at a time.</summary>
internal sealed class SharedLimiter
{
    private const int Amounts = RateLane.Count + 1;
    // What a process may use while it is cut off is its own for so long; one that was killed leaves it free again after that.
    private static readonly TimeSpan AloneLingers = TimeSpan.FromMinutes(5);
    // Others learn a little later than this process that it is cut off.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly string[] Units = ["requests", "input", "output", "tokens", "open"];

    private readonly TokenRateLimiter _limiter;
    private readonly TimeSpan _lifetime;
    private readonly List<int> _asked = [];
    private readonly long[] _alone = new long[Amounts];
    private readonly long[] _fair = new long[Amounts];
    private readonly long[] _spare = new long[Amounts];
    private readonly long[] _takenBefore = new long[Amounts];
    private readonly long[] _heard = new long[Amounts];
    private long _heardAt = long.MinValue;
    private long _bidAt = long.MinValue;
    private int _holders = 1;
    private bool _isAway;

    /// <param name="limiter">The limit.</param>
    /// <param name="lifetime">How long a share is lent.</param>
    /// <param name="ask">Called when somebody waits; must only note it.</param>
    public SharedLimiter(TokenRateLimiter limiter, TimeSpan lifetime, Action ask)
    {
        _limiter = limiter;
        _lifetime = lifetime;
        limiter.Share(ask);
    }

    public string Name => _limiter.Name;

    public StoreFallback Fallback => _limiter.Limits.WhenStoreIsAway;

    public ShareTerms Terms => Fallback == StoreFallback.LocalShare
        ? new ShareTerms(_lifetime, AloneLingers, WorksAlone: true)
        : new ShareTerms(_lifetime, Window, WorksAlone: false);

    /// <summary>The last share that is given back: what was used still counts for its minute.</summary>
    public static ShareTerms LastTerms => new(TimeSpan.Zero, Window, WorksAlone: false);

    /// <summary>Whether somebody waits who has not got enough.</summary>
    public bool IsShort { get; private set; }

    /// <summary>Whether all processes together want more than there is.</summary>
    public bool IsContested { get; private set; }

    /// <summary>Gives back what can be spared and says what is held and wanted.</summary>
    /// <param name="leaving">Whether nothing more is wanted.</param>
    public IReadOnlyList<ShareBid> Bid(bool leaving = false)
    {
        var now = _limiter.ShareClock;
        var use = _limiter.ShareUse();
        Span<long> wants = stackalloc long[Amounts];
        Span<long> keep = stackalloc long[Amounts];
        for (var i = 0; i < Amounts; i++)
        {
            wants[i] = leaving ? use.Taken[i] : WantedOf(i, use, now);
            // A store that is away takes nothing back, and may not have heard what was given back.
            keep[i] = _isAway ? long.MaxValue : IsContested ? Math.Min(wants[i], _fair[i]) : wants[i];
            _takenBefore[i] = use.Taken[i];
        }

        _bidAt = now;
        // Of one that was silent for longer the store may have forgotten what it knew, and be right.
        var isOnRecord = _heardAt != long.MinValue && now - _heardAt < (Terms.Lifetime + Terms.Lingers - Margin).Ticks;
        var held = _limiter.Shrink(RateShare.Of(keep));
        var bids = new List<ShareBid>(Amounts);
        _asked.Clear();
        for (var i = 0; i < Amounts; i++)
        {
            if (use.Limit[i] == NoLimit(i))
                continue;
            _asked.Add(i);
            // Without a share to keep to, what is used is all that is declared.
            var holds = held[i] >= NoLimit(i) ? use.Taken[i] : held[i];
            bids.Add(new ShareBid(NameOf(i), use.Limit[i], holds, Math.Max(holds, wants[i]), leaving ? 0 : use.Next[i], leaving || Fallback != StoreFallback.LocalShare ? 0 : _alone[i]) { Heard = isOnRecord ? _heard[i] : 0 });
        }

        return bids;
    }

    /// <summary>Takes what the store has lent as the answer to the last <see cref="Bid"/>.</summary>
    /// <param name="sequence">The exchange.</param>
    /// <param name="shares">The answer to all bids of the exchange.</param>
    /// <param name="first">Where that to this limit's begins.</param>
    public void Take(long sequence, IReadOnlyList<LimitShare> shares, int first)
    {
        (_heardAt, _isAway) = (_bidAt, false);
        Span<long> amounts = stackalloc long[Amounts];
        amounts.Fill(long.MaxValue);
        _alone.AsSpan().Fill(long.MaxValue);
        _heard.AsSpan().Clear();
        IsContested = false;
        foreach (var i in _asked)
        {
            var share = shares[first++];
            // What was in use beyond a fair part is lent still, but goes back as it becomes free.
            amounts[i] = share.IsContested ? Math.Min(share.Amount, share.Fair) : share.Amount;
            (_alone[i], _fair[i], _heard[i], _holders) = (share.Alone, share.Fair, sequence, share.Holders);
            IsContested |= share.IsContested;
        }

        var lent = RateShare.Of(amounts);
        _limiter.Borrow(lent, _heardAt + _lifetime.Ticks, Fallback switch
        {
            StoreFallback.FailClosed => RateShare.None,
            StoreFallback.LocalShare => RateShare.Min(lent, RateShare.Of(_alone)),
            _ => RateShare.All,
        });
        var use = _limiter.ShareUse();
        IsShort = _asked.Exists(i => use.Wanted[i] > lent[i] && lent[i] < use.Limit[i]);
    }

    /// <summary>The store does not answer.</summary>
    public void WorkAlone()
    {
        _isAway = true;
        var silence = _heardAt == long.MinValue ? 0 : _limiter.ShareClock - _heardAt;
        // The others leave room for what this process may use alone by then, and what they did before is a minute old.
        var isCertain = _heardAt != long.MinValue && silence > (_lifetime + Window + Margin).Ticks;
        _limiter.WorkAlone(Fallback switch
        {
            StoreFallback.Open => RateShare.All,
            StoreFallback.LocalShare when isCertain => RateShare.Of(_alone),
            _ => null,
        });
    }

    /// <summary>What is used, what is waited for, and something for those who come until the next exchange.</summary>
    private long WantedOf(int i, in RateShareUse use, long now)
    {
        var limit = use.Limit[i];
        if (limit == NoLimit(i))
            return long.MaxValue;
        var waiting = use.Wanted[i] - use.Taken[i];
        var elapsed = _bidAt == long.MinValue ? TimeSpan.TicksPerSecond : Math.Clamp(now - _bidAt, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMinute);
        var growth = (long)Math.Min(limit, (double)Math.Max(0, use.Taken[i] - _takenBefore[i]) * TimeSpan.TicksPerSecond / Math.Max(elapsed, TimeSpan.TicksPerSecond / 10));
        _spare[i] = Math.Min(limit, Math.Max(Math.Max(waiting, growth), _spare[i] / 2));
        var idle = IsContested ? 0 : limit / (8 * _holders);
        return Math.Min(limit, use.Taken[i] + waiting + Math.Max(_spare[i], idle));
    }

    private string NameOf(int i) => string.Create(CultureInfo.InvariantCulture, $"{_limiter.Name}/{Units[i]}");

    private static long NoLimit(int i) => i < RateLane.Count ? long.MaxValue : int.MaxValue;
}
