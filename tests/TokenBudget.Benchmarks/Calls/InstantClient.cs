using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>A chat client that answers at once, always the same, so that only what stands in front of it is measured.</summary>
internal sealed class InstantClient(int updates) : IChatClient, IAsyncEnumerable<ChatResponseUpdate>
{
    private readonly ChatMessage _message = new(ChatRole.Assistant, "Yes.") { CreatedAt = DateTimeOffset.UnixEpoch };
    private readonly UsageDetails _usage = new() { InputTokenCount = 10, OutputTokenCount = 2 };
    private readonly ChatResponseUpdate _update = new(ChatRole.Assistant, "y") { MessageId = "1" };
    private readonly ChatResponseUpdate _last = new() { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop };

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(_message) { Usage = _usage, FinishReason = ChatFinishReason.Stop });

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => this;

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Enumerator(this, updates);

    private sealed class Enumerator(InstantClient client, int updates) : IAsyncEnumerator<ChatResponseUpdate>
    {
        private int _sent;

        public ChatResponseUpdate Current => _sent < updates ? client._update : client._last;

        public ValueTask<bool> MoveNextAsync() => new(++_sent <= updates);

        public ValueTask DisposeAsync() => default;
    }
}
