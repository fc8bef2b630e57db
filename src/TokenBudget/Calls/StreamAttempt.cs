using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Retries;

namespace TokenBudget.Calls;

/// <summary>One attempt of a streamed request, step by step: what fails is kept, what arrives is observed.</summary>
/// <param name="request">The request.</param>
/// <param name="exchange">What goes over the wire meanwhile, where somebody looks.</param>
/// <param name="silence">Ends a stream of which nothing is heard.</param>
/// <param name="open">Sends the request.</param>
internal sealed class StreamAttempt(
    PreparedRequest request, ProviderExchange? exchange, StreamSilence silence, Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> open) : IAsyncEnumerator<ChatResponseUpdate>
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
    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Waits for an update.</summary>
    /// <returns>Whether one has arrived; otherwise see <see cref="Failure"/>.</returns>
    /// <remarks>
    /// A step that can send a request runs as the first one did, so that whoever sends inside finds the exchange. In the middle of a text nobody sends: a
    /// client with a tool loop asks again behind a call or the model's last word.
    /// </remarks>
    public ValueTask<bool> MoveNextAsync()
    {
        if (Ending is not null)
            return new ValueTask<bool>(false);
        try
        {
            if (_context is null)
                Begin();
            else if (Stream.IsInsideText && request.Enclosing is null)
                Step();
            else
                ExecutionContext.Run(_context, static state => ((StreamAttempt)state!).Step(), this);
            if (!_step.IsCompletedSuccessfully)
                return WaitAsync(_step);
            if (!_step.Result)
                return new ValueTask<bool>(End());
            if (Observe())
                silence.Hear();
            return new ValueTask<bool>(true);
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
        exchange?.Open();
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
            silence.Pause(hasHeard: hasMore && Observe());
            return hasMore || End();
        }
        catch (Exception exception)
        {
            return Fail(exception);
        }
    }

    /// <returns>Whether what has arrived is more than a sign of life.</returns>
    private bool Observe()
    {
        Current = _updates!.Current;
        Stream.Observe(Current);
        if (_bound.IsExceeded(Current, Stream))
            Ending = EndingOf(Current);
        return Stream.IsPart;
    }

    private bool End()
    {
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
