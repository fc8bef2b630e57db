using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>
/// Answers when told to, on the thread that tells it: what a call costs that really waits for its provider, without the scheduler. One call at a time.
/// </summary>
internal sealed class LaterClient : IChatClient
{
    private readonly InstantClient _inner = new(0);
    private TaskCompletionSource<ChatResponse>? _asked;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        (_asked = new TaskCompletionSource<ChatResponse>()).Task;

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Makes a call that waits, and answers it.</summary>
    public Func<Task> Answering(Func<Task> call) => () =>
    {
        var task = call();
        _asked!.SetResult(_inner.GetResponseAsync([]).Result);
        return task;
    };

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
