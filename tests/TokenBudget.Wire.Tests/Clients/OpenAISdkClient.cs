using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace TokenBudget.Wire.Tests.Clients;

/// <summary>OpenAI's SDK as an <see cref="IChatClient"/>: as much of the official adapter as a text needs, and no more.</summary>
internal sealed class OpenAISdkClient(ChatClient client) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await client.CompleteChatAsync(Convert(messages), Convert(options), cancellationToken);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Concat(completion.Content.Select(static part => part.Text))))
        {
            ResponseId = completion.Id,
            ModelId = completion.Model,
            FinishReason = new ChatFinishReason(completion.FinishReason.ToString()),
            Usage = Convert(completion.Usage),
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var part in client.CompleteChatStreamingAsync(Convert(messages), Convert(options), cancellationToken))
        {
            var update = new ChatResponseUpdate(ChatRole.Assistant, [.. part.ContentUpdate.Select(static content => (AIContent)new TextContent(content.Text))])
            {
                ResponseId = part.CompletionId,
                ModelId = part.Model,
                FinishReason = part.FinishReason is { } reason ? new ChatFinishReason(reason.ToString()) : null,
            };
            if (Convert(part.Usage) is { } usage)
                update.Contents.Add(new UsageContent(usage));
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static IEnumerable<OpenAI.Chat.ChatMessage> Convert(IEnumerable<ChatMessage> messages) => messages.Select(static message =>
        message.Role == ChatRole.System ? new SystemChatMessage(message.Text)
        : message.Role == ChatRole.Assistant ? new AssistantChatMessage(message.Text)
        : (OpenAI.Chat.ChatMessage)new UserChatMessage(message.Text));

    private static ChatCompletionOptions Convert(ChatOptions? options) => new() { MaxOutputTokenCount = options?.MaxOutputTokens };

    private static UsageDetails? Convert(ChatTokenUsage? usage) => usage is null ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
    };
}
