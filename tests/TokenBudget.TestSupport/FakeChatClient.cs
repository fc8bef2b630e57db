using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.TestSupport;

/// <summary>A chat client that answers from a script and remembers what it was asked. Thread-safe.</summary>
public sealed class FakeChatClient : IChatClient
{
    private const int PieceLength = 7;

    private readonly Lock _gate = new();
    private readonly Queue<FakeReply> _script;
    private readonly List<FakeRequest> _requests = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];

    /// <summary>Answers in this order; when the script is at its end, with <see cref="Otherwise"/>.</summary>
    public FakeChatClient(params IEnumerable<FakeReply> script) => _script = new Queue<FakeReply>(script);

    /// <summary>The model the client says it uses by default.</summary>
    public string? DefaultModelId { get; init; }

    /// <summary>Where the client says it sends its requests.</summary>
    public Uri? Address { get; init; }

    /// <summary>Answers when the script is at its end; unset, that is an error of the test.</summary>
    public Func<FakeRequest, FakeReply>? Otherwise { get; init; }

    /// <summary>The requests so far.</summary>
    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    /// <summary>Completes when so many requests have arrived.</summary>
    public Task ArrivedAsync(int count)
    {
        lock (_gate)
        {
            if (_requests.Count >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(Eventually.Patience);
        }
    }

    /// <summary>Adds an answer to the script.</summary>
    public void Add(FakeReply reply)
    {
        lock (_gate)
            _script.Enqueue(reply);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var reply = Take(new FakeRequest([.. messages], options, Streaming: false));
        if (reply.Gate is { } gate)
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (reply.Failure is { } failure)
            throw failure;
        return new ChatResponse([.. reply.Messages]) { Usage = reply.Usage, FinishReason = reply.FinishReason, ModelId = reply.ModelId };
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = new FakeRequest([.. messages], options, Streaming: true);
        lock (_gate)
            if (_script.TryPeek(out var next) && next.FailsBeforeStreaming)
                throw Take(request).Failure!;
        return StreamAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("fake", Address, DefaultModelId) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(FakeRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reply = Take(request);
        if (reply.Gate is { } gate)
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        var sent = 0;
        foreach (var update in Updates(reply))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            if (reply.Failure is not null && sent++ >= reply.UpdatesBeforeFailure)
                throw reply.Failure;
            yield return update;
        }

        if (reply.Failure is not null)
            throw reply.Failure;
    }

    private static IEnumerable<ChatResponseUpdate> Updates(FakeReply reply)
    {
        foreach (var usage in reply.EarlierUsages)
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { ModelId = reply.ModelId };
        foreach (var message in reply.Messages)
        {
            var id = Guid.NewGuid().ToString("N");
            foreach (var content in message.Contents.SelectMany(PiecesOf))
                yield return new ChatResponseUpdate(message.Role, [content]) { MessageId = id, ModelId = reply.ModelId };
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, reply.Usage is null ? [] : [new UsageContent(reply.Usage)])
        {
            FinishReason = reply.FinishReason,
            ModelId = reply.ModelId,
        };
    }

    private static IEnumerable<AIContent> PiecesOf(AIContent content) => content is TextContent text
        ? text.Text.Chunk(PieceLength).Select(static piece => new TextContent(new string(piece)))
        : [content];

    private FakeReply Take(FakeRequest request)
    {
        lock (_gate)
        {
            _requests.Add(request);
            foreach (var waiting in _waiting)
                if (_requests.Count >= waiting.Count)
                    waiting.Reached.TrySetResult();
            if (_script.TryDequeue(out var reply))
                return reply;
        }

        return Otherwise?.Invoke(request)
            ?? throw new InvalidOperationException($"The script of the chat client has no answer to request {_requests.Count}.");
    }
}
