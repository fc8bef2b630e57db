using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Answers with the given texts, one after the other, and keeps what it was asked.</summary>
internal sealed class RecordingClient(IReadOnlyList<string> replies) : IChatClient
{
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Requests { get; } = [];

    /// <summary>The requests as text: <c>role: text</c>, one message to a line.</summary>
    public IEnumerable<string> Sent => Requests.Select(request =>
        string.Join('\n', request.Messages.Select(message => $"{message.Role}: {message.Text}")));

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Requests.Add(([.. messages], options));
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, replies[Requests.Count - 1])) { FinishReason = ChatFinishReason.Stop });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
