using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.CompilerServices;

/// <summary>Makes one call of a user's method look like a chat client, so that it goes through the same pipeline.</summary>
/// <param name="format">How its result is kept.</param>
/// <param name="implementation">The user's method.</param>
/// <param name="state">What it needs besides.</param>
/// <param name="copies">Whether it gets copies of the messages, because a conversation keeps them.</param>
internal sealed class ImplementationClient<TState, T>(
    ReplyFormat<T> format,
    Func<TState, IList<ChatMessage>, CancellationToken, Task<T>> implementation,
    TState state,
    bool copies) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        format.Write(await implementation(state, copies ? [.. messages.Select(MessageCopy.Of)] : [.. messages], cancellationToken).ConfigureAwait(false));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The wrapped method does not stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
