using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>Makes one call of a user's streaming method look like a chat client, so that it goes through the same pipeline.</summary>
internal sealed class ImplementationStreamClient<TState>(
    Func<TState, IList<ChatMessage>, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> implementation,
    TState state) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The wrapped method streams.");

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        implementation(state, [.. messages], cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
