using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>
/// One reading of a <see cref="FlowingStream"/>. While a source flows its updates pass here, and the iterator is resumed where the source ends: resuming costs
/// more than all else that happens to a short update, and streams stand behind each other.
/// </summary>
/// <remarks>For one reader, like any enumerator.</remarks>
internal sealed class StreamLane : IAsyncEnumerator<ChatResponseUpdate>
{
    private IAsyncEnumerator<ChatResponseUpdate> _steps = null!;
    private IAsyncEnumerator<ChatResponseUpdate>? _source;
    private Action<ChatResponseUpdate>? _pass;
    private bool _hasFailed;

    /// <inheritdoc/>
    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Starts the reading.</summary>
    /// <param name="steps">The iterator.</param>
    public void Start(IAsyncEnumerator<ChatResponseUpdate> steps) => _steps = steps;

    /// <summary>Lets what a source brings pass by itself, to its end. The iterator then yields the source's current update, and is resumed when there is no more.</summary>
    /// <param name="source">The source; the iterator disposes it.</param>
    /// <param name="pass">Sees every update from the next one on.</param>
    public void Flow(IAsyncEnumerator<ChatResponseUpdate> source, Action<ChatResponseUpdate>? pass = null) => (_source, _pass) = (source, pass);

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync()
    {
        if (_source is not { } source)
            return StepAsync();
        var moved = source.MoveNextAsync();
        if (!moved.IsCompletedSuccessfully)
            return WaitAsync(source, moved);
        if (!moved.Result)
        {
            _source = null;
            return StepAsync();
        }

        Take(source);
        return new ValueTask<bool>(true);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _source = null;
        return _steps.DisposeAsync();
    }

    private void Take(IAsyncEnumerator<ChatResponseUpdate> source)
    {
        Current = source.Current;
        _pass?.Invoke(Current);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> StepAsync()
    {
        if (_hasFailed || !await _steps.MoveNextAsync().ConfigureAwait(false))
            return false;
        Current = _steps.Current;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(IAsyncEnumerator<ChatResponseUpdate> source, ValueTask<bool> moved)
    {
        // Should the source throw, this stream has ended too: the iterator cleans up, from where it waits, when it is disposed.
        (_source, _hasFailed) = (null, true);
        var hasMore = await moved.ConfigureAwait(false);
        _hasFailed = false;
        if (!hasMore)
            return await StepAsync().ConfigureAwait(false);
        _source = source;
        Take(source);
        return true;
    }
}
