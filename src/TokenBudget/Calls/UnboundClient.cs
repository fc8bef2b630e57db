using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>Stands in for the client of a method the user implements; every call replaces it by one of its own.</summary>
internal sealed class UnboundClient : IChatClient
{
    /// <summary>The model of calls that do not say which one they use: counted with o200k_base, priced only by what the answer names.</summary>
    public const string ModelId = "unnamed";

    public static UnboundClient Instance { get; } = new();

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw NotBound();

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw NotBound();

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(defaultModelId: ModelId) : null;

    public void Dispose()
    {
    }

    private static InvalidOperationException NotBound() => new("This method was bound without a chat client; its calls bring their own implementation.");
}
