namespace TokenBudget.Sharing;

/// <summary>Shared limits inside one process, for tests of what several processes would do. Thread-safe.</summary>
/// <param name="time">Its clock; unset, the system's.</param>
public sealed class InMemorySharedLimitStore(TimeProvider? time = null) : ISharedLimitStore
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ShareBook> _books = new(StringComparer.Ordinal);
    private bool _isEmptied;
    private long _emptied;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
        Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bids);
        cancellationToken.ThrowIfCancellationRequested();
        var shares = new LimitShare[bids.Count];
        lock (_gate)
        {
            var now = (long)(_time.GetTimestamp() * 1_000.0 / _time.TimestampFrequency);
            if (_isEmptied)
                (_isEmptied, _emptied) = (false, now);
            for (var i = 0; i < shares.Length; i++)
            {
                if (!_books.TryGetValue(bids[i].Limit, out var book))
                    _books.Add(bids[i].Limit, book = new ShareBook { HeardSince = now, HeardLast = now });
                shares[i] = book.Exchange(holder, sequence, bids[i], terms, now, _emptied);
            }
        }

        return new ValueTask<IReadOnlyList<LimitShare>>(shares);
    }

    /// <summary>Forgets who holds what, as a store does that is emptied while processes use it.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _books.Clear();
            _isEmptied = true;
        }
    }
}
