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
    private FlightOutcome? _found;
    private bool _ended;

    /// <summary>Where the answer comes from, for the reader that started it; known once the first update is there, or the end.</summary>
    public CacheOutcome Source => _found?.Source ?? CacheOutcome.Miss;

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

        Land(cache.Pass(this, new FlightOutcome(new OperationCanceledException("Nobody read the stream any more."))));
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
                _source ??= await StartAsync().ConfigureAwait(false);
                if (await _source.MoveNextAsync().ConfigureAwait(false))
                    item = new StreamItem(_source.Current);
            }
        }
        catch (Exception failure)
        {
            error = failure;
        }

        // Nobody has read anything yet, so another answer can take this one's place.
        if (error is not null && _items.Count == 0 && !StopToken.IsCancellationRequested && cache.FindStale(this, error) is { } stale)
        {
            error = await DisposeSourceAsync(null).ConfigureAwait(false);
            _source = Replay(stale);
            item = await _source.MoveNextAsync().ConfigureAwait(false) ? new StreamItem(_source.Current) : null;
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
        error = await DisposeSourceAsync(error).ConfigureAwait(false);
        FlightOutcome outcome;
        try
        {
            outcome = _found is not null
                ? cache.Pass(this, _found)
                : error is null
                ? cache.Keep(this, _items.Select(item => item.Copy()).ToChatResponse(), _items.TrueForAll(item => item.IsFaithful))
                : cache.Pass(this, new FlightOutcome(error));
        }
        catch (Exception failure)
        {
            // Updates that do not make one answer. Every reader has read them all, so only who wants the whole answer fails.
            outcome = cache.Pass(this, new FlightOutcome(failure));
        }

        Land(outcome);
    }

    private async Task<IAsyncEnumerator<ChatResponseUpdate>> StartAsync() =>
        await cache.FindElsewhereAsync(this, StopToken).ConfigureAwait(false) is { } found ? Replay(found) : create(StopToken).GetAsyncEnumerator(StopToken);

    private IAsyncEnumerator<ChatResponseUpdate> Replay(FlightOutcome found)
    {
        _found = found;
        return UpdatesOf(found.Copy()).GetAsyncEnumerator(StopToken);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> UpdatesOf(ChatResponse response)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates())
            yield return update;
    }

    /// <summary>The error, or else that of the disposal.</summary>
    private async Task<Exception?> DisposeSourceAsync(Exception? error)
    {
        try
        {
            if (_source is not null)
                await _source.DisposeAsync().ConfigureAwait(false);
            return error;
        }
        catch (Exception failure)
        {
            return error ?? failure;
        }
    }
}
