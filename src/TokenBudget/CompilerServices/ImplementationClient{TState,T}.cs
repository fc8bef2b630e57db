using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>Makes one call of a user's method look like a chat client, so that it goes through the same pipeline.</summary>
internal sealed class ImplementationClient<TState, T>(
    ReplyFormat<T> format,
    Func<TState, IList<ChatMessage>, CancellationToken, Task<T>> implementation,
    TState state) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        format.Write(await implementation(state, [.. messages], cancellationToken).ConfigureAwait(false));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The wrapped method does not stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
