using TokenBudget.RateLimiting;

namespace TokenBudget.Sharing;

/// <summary>Keeps the shares of this process: one exchange at a time for all its limits, soon when somebody waits, otherwise before the shares are over.</summary>
/// <remarks>Thread-safe. Whoever asks for a limit never waits for the store: exchanges happen beside the calls.</remarks>
internal sealed class SharedRateLimits : IAsyncDisposable
{
    /// <summary>How long a share may be used without being renewed.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WhenContested = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WhenAway = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhenAsked = TimeSpan.FromMilliseconds(2);

    private readonly ISharedLimitStore _store;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly Guid _holder = Guid.NewGuid();
    private readonly Lock _gate = new();
    private readonly List<SharedLimiter> _limiters = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly LearnedPatience _patience = new();
    private readonly Task _loop;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private bool _isContested;
    private int _disposed;
    private volatile bool _isAway;

    /// <param name="store">Where processes agree.</param>
    /// <param name="time">The clock.</param>
    /// <param name="lifetime">How long a share is lent; unset, <see cref="DefaultLifetime"/>.</param>
    public SharedRateLimits(ISharedLimitStore store, TimeProvider time, TimeSpan? lifetime = null)
    {
        _store = store;
        _time = time;
        _lifetime = lifetime ?? DefaultLifetime;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Raised when the store is away, with what it threw, and when it is back, with nothing. A handler must not throw.</summary>
    public event Action<Exception?>? AwayChanged;

    /// <summary>Whether the store did not answer the last time.</summary>
    public bool IsAway => _isAway;

    /// <summary>From now on the limit is shared with all who give it the same name.</summary>
    public void Join(TokenRateLimiter limiter)
    {
        var shared = new SharedLimiter(limiter, _lifetime, Ask);
        lock (_gate)
            _limiters.Add(shared);
        Ask();
    }

    /// <summary>Gives back what is lent, as far as the store can be asked.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await ExchangeAsync(leaving: true).ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Ask() => Volatile.Read(ref _asked).TrySetResult();

    private async Task RunAsync()
    {
        var last = _time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            var asked = _asked.Task;
            try
            {
                // What is contested or away is not there sooner for being asked for.
                var pause = _isAway ? WhenAway : _isContested ? WhenContested : WhenAsked;
                var since = _time.GetElapsedTime(last);
                if (since < pause)
                    await Task.Delay(pause - since, _time, _stop.Token).ConfigureAwait(false);
                since = _time.GetElapsedTime(last);
                var renewal = _isAway ? WhenAway : _isContested ? WhenContested : _lifetime / 4;
                if (!asked.IsCompleted && since < renewal)
                    await asked.WaitAsync(renewal - since, _time, _stop.Token).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Nobody waits: it is time to renew.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Volatile.Write(ref _asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            last = _time.GetTimestamp();
            await ExchangeAsync(leaving: false).ConfigureAwait(false);
        }
    }

    private async Task ExchangeAsync(bool leaving)
    {
        SharedLimiter[] limiters;
        lock (_gate)
            limiters = [.. _limiters];
        Exception? failure = null;
        var contested = false;
        // Limits that are lent on the same terms go together.
        foreach (var group in limiters.GroupBy(limiter => leaving ? SharedLimiter.LastTerms : limiter.Terms))
        {
            failure = await ExchangeAsync([.. group], group.Key, leaving).ConfigureAwait(false);
            if (failure is not null)
                break;
            contested |= group.Any(static limiter => limiter.IsContested || limiter.IsShort);
        }

        if (leaving || limiters.Length == 0)
            return;
        if (failure is not null)
            foreach (var limiter in limiters)
                limiter.WorkAlone();
        _isContested = contested;
        if (_isAway != failure is not null)
        {
            _isAway = failure is not null;
            AwayChanged?.Invoke(failure);
        }
    }

    private async Task<Exception?> ExchangeAsync(SharedLimiter[] limiters, ShareTerms terms, bool leaving)
    {
        CancellationTokenSource? abandon = null;
        try
        {
            var bids = new List<ShareBid>();
            var first = new int[limiters.Length];
            for (var i = 0; i < limiters.Length; i++)
            {
                first[i] = bids.Count;
                bids.AddRange(limiters[i].Bid(leaving));
            }

            var shares = (IReadOnlyList<LimitShare>)[];
            if (bids.Count > 0)
            {
                abandon = new CancellationTokenSource();
                shares = await AskAsync(bids, terms, abandon.Token, leaving ? CancellationToken.None : _stop.Token).ConfigureAwait(false);
                abandon.Dispose();
            }

            if (!leaving)
                for (var i = 0; i < limiters.Length; i++)
                    limiters[i].Take(_sequence, shares, first[i]);
            return null;
        }
        catch (Exception exception)
        {
            // Whatever it threw, it is away.
            abandon?.Abandon();
            return exception;
        }
    }

    /// <summary>A store that hangs is left alone: what it does later is of an older sequence than the next exchange and changes nothing.</summary>
    private async Task<IReadOnlyList<LimitShare>> AskAsync(List<ShareBid> bids, ShareTerms terms, CancellationToken abandoned, CancellationToken stopped)
    {
        var asked = _time.GetTimestamp();
        Task<IReadOnlyList<LimitShare>>? answer = null;
        try
        {
            answer = _store.ExchangeAsync(_holder, ++_sequence, bids, terms, abandoned).AsTask();
            var shares = await answer.WaitAsync(_patience.Current, _time, stopped).ConfigureAwait(false);
            _patience.Answered(_time.GetElapsedTime(asked));
            return shares;
        }
        catch (TimeoutException) when (answer is { IsCompletedSuccessfully: true })
        {
            // Just in time.
            _patience.Answered(_time.GetElapsedTime(asked));
            return await answer.ConfigureAwait(false);
        }
        catch
        {
            _patience.Missed();
            throw;
        }
    }
}
