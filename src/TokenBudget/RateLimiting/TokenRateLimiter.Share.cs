using System.Globalization;
using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <content>A limit that is shared with other processes: this one keeps to its share, which is lent for a time.</content>
public sealed partial class TokenRateLimiter
{
    private Action? _askForShare;
    private RateShare _shareAfterwards;
    private long _shareEnds = Never;
    private bool _isAway;

    /// <summary>Whether others use the same limit.</summary>
    internal bool IsShared => _askForShare is not null;

    /// <summary>From now on the limit is used only as far as shares of it are lent.</summary>
    /// <param name="ask">Called, under the lock, when somebody waits. Must only note it.</param>
    internal void Share(Action ask)
    {
        lock (_gate)
        {
            _askForShare = ask;
            _account.SetShare(RateShare.None);
        }
    }

    /// <summary>What is used and wanted.</summary>
    internal RateShareUse ShareUse()
    {
        lock (_gate)
        {
            AdvanceToNow();
            return CurrentUse();
        }
    }

    /// <summary>Gives back what is not to be kept. What is in use beyond that is kept until its time is over, but nobody is admitted into it any more.</summary>
    /// <param name="keep">What to keep, if it is lent.</param>
    /// <returns>What is lent still.</returns>
    internal RateShare Shrink(in RateShare keep)
    {
        lock (_gate)
        {
            AdvanceToNow();
            var share = RateShare.Min(_account.Share, keep);
            _account.SetShare(share);
            return RateShare.Max(CurrentUse().Taken, share);
        }
    }

    /// <summary>Takes a share that is lent for a time.</summary>
    /// <param name="share">The share.</param>
    /// <param name="ends">When it is over, by <see cref="ShareClock"/>.</param>
    /// <param name="afterwards">What may be used from then on.</param>
    internal void Borrow(in RateShare share, long ends, in RateShare afterwards)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _isAway = false;
            (_shareEnds, _shareAfterwards) = (ends, afterwards);
            _account.SetShare(share);
            Pump(AdvanceToNow());
        }
    }

    /// <summary>The store is away: those who wait for more than is lent are told so, and whoever comes.</summary>
    /// <param name="share">What may be used at once instead; none, what is lent.</param>
    internal void WorkAlone(RateShare? share)
    {
        List<Ticket> hopeless = [];
        lock (_gate)
        {
            if (_disposed)
                return;
            _isAway = true;
            var now = AdvanceToNow();
            if (share is { } some)
            {
                _shareEnds = Never;
                _account.SetShare(some);
            }

            foreach (var waiter in _queue.All())
                if (IsRefusedWhileAway(waiter.Charge))
                    hopeless.Add(waiter);
            foreach (var waiter in hopeless)
            {
                var tenant = waiter.Queue!.Tenant;
                _refused++;
                _queue.Remove(waiter);
                ForgetIfGone(tenant);
            }

            Pump(now);
        }

        foreach (var waiter in hopeless)
            waiter.Fail(Away());
    }

    /// <summary>The limiter's clock, in ticks.</summary>
    internal long ShareClock => _clock.Now;

    /// <summary>Whether more may be lent at any time, so that nobody knows how long a wait is.</summary>
    private bool MayBeLentMore => IsShared && !_isAway;

    private void AskForShare()
    {
        if (_askForShare is { } ask && _queue.Count > 0 && _account.IsShareSmaller)
            ask();
    }

    /// <summary>Waiting for time to pass helps where the share is large enough; in a share that is kept to nothing else can be waited for.</summary>
    private bool IsRefusedWhileAway(in RateCharge charge) =>
        _limits.WhenStoreIsAway == StoreFallback.FailClosed || !_account.EverFits(charge);

    private void EndShare()
    {
        _shareEnds = Never;
        _account.SetShare(_shareAfterwards);
    }

    private RateShareUse CurrentUse()
    {
        var taken = _account.Taken;
        var covered = taken + _account.Cushion;
        var next = _queue.Peek() is { } head ? head.Charge.Most : Vector256<long>.Zero;
        var limits = RateLane.Of(_account.Effective);
        return new RateShareUse(
            new RateShare(limits, _account.Effective.MaxConcurrentRequests ?? int.MaxValue),
            ShareFor(taken, _account.Open),
            ShareFor(covered + _queue.Wanted, _account.Open + _queue.Count),
            ShareFor(next, Math.Min(1, _queue.Count)));
    }

    private RateShare ShareFor(Vector256<long> amounts, int slots)
    {
        for (var lane = 0; lane < RateLane.Count; lane++)
            amounts = amounts.WithElement(lane, _account.ShareFor(lane, amounts[lane]));
        return new RateShare(amounts, slots);
    }

    private SharedLimitUnavailableException Away() => new(
        Name,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Rate limit '{Name}' is shared with other processes, the store they share is away, and this process may use no more without it ({_limits.WhenStoreIsAway}). Try again when the store is back, or choose another WhenStoreIsAway."));
}
