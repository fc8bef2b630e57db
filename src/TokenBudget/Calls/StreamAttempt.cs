using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Retries;

namespace TokenBudget.Calls;

/// <summary>One attempt of a streamed request, step by step: what fails is kept, what arrives is observed.</summary>
/// <param name="request">The request.</param>
/// <param name="exchange">What goes over the wire meanwhile.</param>
/// <param name="silence">Ends a stream of which nothing is heard.</param>
/// <param name="open">Sends the request.</param>
internal sealed class StreamAttempt(
    PreparedRequest request, ProviderExchange exchange, StreamSilence silence, Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> open) : IAsyncDisposable
{
    private readonly OutputBound _bound = new(request);
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;
    private ExecutionContext? _context;
    private ValueTask<bool> _step;

    /// <summary>What has arrived.</summary>
    public StreamObserver Stream { get; } = new();

    /// <summary>Why there is no more; <see langword="null"/> as long as nothing is wrong.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether the answer came to its end.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>
    /// What the provider should have said at <c>max_tokens</c>, when it goes on past that instead: then what has arrived is all there will be. <see langword="null"/> otherwise.
    /// </summary>
    public ChatResponseUpdate? Ending { get; private set; }

    /// <summary>The update that has arrived.</summary>
    public ChatResponseUpdate Current => _updates!.Current;

    /// <summary>Whether what has arrived is more than a sign of life.</summary>
    private bool IsPart => Current.Contents.Count > 0 || Current.FinishReason is not null;

    /// <summary>Waits for an update.</summary>
    /// <returns>Whether one has arrived; otherwise see <see cref="Failure"/>.</returns>
    public ValueTask<bool> MoveNextAsync()
    {
        if (Ending is not null)
            return new ValueTask<bool>(false);
        try
        {
            // Every step runs as the first one did: whoever sends inside finds the exchange, and finding is all that a step pays for.
            if (_context is null)
                Begin();
            else
                ExecutionContext.Run(_context, static state => ((StreamAttempt)state!).Step(), this);
            if (!_step.IsCompletedSuccessfully)
                return WaitAsync(_step);
            var hasMore = _step.Result;
            if (hasMore && IsPart)
                silence.Hear();
            return new ValueTask<bool>(Observe(hasMore));
        }
        catch (Exception exception)
        {
            return new ValueTask<bool>(Fail(exception));
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_updates is not null)
                await _updates.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            silence.Dispose();
        }
    }

    /// <summary>A client may fail before it gives an enumerator.</summary>
    private void Begin()
    {
        exchange.Open();
        request.Enclosing?.Enter();
        _context = ExecutionContext.Capture();
        _updates ??= open(silence.Token).GetAsyncEnumerator(silence.Token);
        Step();
    }

    private void Step() => _step = _updates!.MoveNextAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> step)
    {
        try
        {
            silence.Listen();
            var hasMore = await step.ConfigureAwait(false);
            silence.Pause(hasHeard: hasMore && IsPart);
            return Observe(hasMore);
        }
        catch (Exception exception)
        {
            return Fail(exception);
        }
    }

    private bool Observe(bool hasMore)
    {
        if (hasMore)
        {
            Stream.Observe(Current);
            if (_bound.IsExceeded(Current, Stream))
                Ending = EndingOf(Current);
            return true;
        }

        Stream.ThrowIfIncomplete(exchange);
        IsFinished = true;
        return false;
    }

    private bool Fail(Exception exception)
    {
        Failure = silence.Translate(exception);
        return false;
    }

    private static ChatResponseUpdate EndingOf(ChatResponseUpdate last) => new(last.Role, contents: null)
    {
        FinishReason = ChatFinishReason.Length,
        ResponseId = last.ResponseId,
        MessageId = last.MessageId,
        ModelId = last.ModelId,
    };
}
