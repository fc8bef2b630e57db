using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Answers with the given texts, one after the other, and keeps what it was asked. A line such as <c>> Find {"id":"7"}</c> is a call of a tool.</summary>
internal sealed class RecordingClient(IReadOnlyList<string> replies) : IChatClient
{
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Requests { get; } = [];

    /// <summary>The requests as text: <c>role: text</c>, one message to a line; calls of tools behind <c>></c>, their results behind <c>&lt;</c>.</summary>
    public IEnumerable<string> Sent => Requests.Select(request =>
        string.Join('\n', request.Messages.Select(message => $"{message.Role}: {TextOf(message)}")));

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Requests.Add(([.. messages], options));
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, ContentsOf(replies[Requests.Count - 1]))) { FinishReason = ChatFinishReason.Stop });
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

    private static string TextOf(ChatMessage message)
    {
        var tools = message.Contents.Select(static content => content switch
        {
            FunctionCallContent call => $"> {call.Name}({string.Join(", ", call.Arguments!.Values)})",
            FunctionResultContent result => $"< {result.Result}",
            _ => null,
        });
        return string.Join(' ', tools.OfType<string>().Prepend(message.Text).Where(static text => text.Length > 0));
    }

    private List<AIContent> ContentsOf(string reply)
    {
        if (!reply.StartsWith("> ", StringComparison.Ordinal))
            return [new TextContent(reply)];
        return [.. reply.Split('\n').Select((line, index) =>
        {
            var call = line[2..].Split(' ', 2);
            return new FunctionCallContent($"{Requests.Count}-{index}", call[0], JsonSerializer.Deserialize<Dictionary<string, object?>>(call[1]));
        })];
    }
}
