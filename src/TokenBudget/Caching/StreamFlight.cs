using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>
/// An answer that arrives in updates, pulled by whichever reader first needs the next one and read by all from the start. There is no leader to wait for: a
/// reader that stalls or leaves does not hold up the others.
/// </summary>
internal sealed class StreamFlight(
    ResponseCache cache, EntryKey key, CacheEntryInfo info, Flight? parent, Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> create)
    : Flight(key, info, parent)
{
    private readonly Lock _gate = new();
    private readonly List<StreamItem> _items = [];
    private IAsyncEnumerator<ChatResponseUpdate>? _source;
    private Task? _pull;
    private bool _ended;

    /// <summary>The update at a position, waited for if need be; <see langword="null"/> behind the last.</summary>
    public async ValueTask<StreamItem?> ReadAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? mine = null;
            Task pull;
            lock (_gate)
            {
                if (index < _items.Count)
                    return _items[index];
                if (_ended)
                    return null;
                if (_pull is null)
                {
                    mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _pull = mine.Task;
                }

                pull = _pull;
            }

            // Not awaited itself: a reader that is cancelled leaves the pull to the others.
            if (mine is not null)
                _ = PullAsync(mine);
            await pull.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task<FlightOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        for (var index = 0; await ReadAsync(index, cancellationToken).ConfigureAwait(false) is not null; index++)
        {
        }

        return await Landed.ConfigureAwait(false);
    }

    public override async Task StopAsync()
    {
        Cancel();
        Task? pull;
        lock (_gate)
            pull = _pull;
        if (pull is not null)
            await pull.ConfigureAwait(false);

        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
        }

        Land(cache.Drop(this, new OperationCanceledException("Nobody read the stream any more.")));
        if (_source is not null)
            await _source.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PullAsync(TaskCompletionSource done)
    {
        StreamItem? item = null;
        Exception? error = null;
        try
        {
            using (cache.Enter(this))
            {
                _source ??= create(StopToken).GetAsyncEnumerator(StopToken);
                if (await _source.MoveNextAsync().ConfigureAwait(false))
                    item = new StreamItem(_source.Current);
            }
        }
        catch (Exception failure)
        {
            error = failure;
        }

        if (item is null)
            await EndAsync(error).ConfigureAwait(false);

        lock (_gate)
        {
            if (item is null)
                _ended = true;
            else
                _items.Add(item);
            _pull = null;
        }

        done.SetResult();
    }

    /// <summary>Only the pull that found the end comes here, so nothing else touches the items.</summary>
    private async Task EndAsync(Exception? error)
    {
        try
        {
            if (_source is not null)
                await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            error ??= failure;
        }

        FlightOutcome outcome;
        try
        {
            outcome = error is null
                ? cache.Keep(this, _items.Select(item => item.Copy()).ToChatResponse(), _items.TrueForAll(item => item.IsFaithful))
                : cache.Drop(this, error);
        }
        catch (Exception failure)
        {
            // Updates that do not make one answer. Every reader has read them all, so only who wants the whole answer fails.
            outcome = cache.Drop(this, failure);
        }

        Land(outcome);
    }
}
