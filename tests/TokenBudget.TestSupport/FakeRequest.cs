using Microsoft.Extensions.AI;

namespace TokenBudget.TestSupport;

/// <summary>One request a <see cref="FakeChatClient"/> got.</summary>
/// <param name="Messages">The messages, in a list of their own.</param>
/// <param name="Options">The options object that was passed.</param>
/// <param name="Streaming">Whether a stream was asked for.</param>
public sealed record FakeRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, bool Streaming)
{
    /// <summary>The texts of the messages.</summary>
    public IReadOnlyList<string> Texts => [.. Messages.Select(static message => message.Text)];
}
