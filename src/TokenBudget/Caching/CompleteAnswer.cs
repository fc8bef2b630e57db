using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>
/// Which answers are worth keeping: those the model ended by itself, with something in them, unless the answer says <c>no-store</c> in its additional property <c>tokenbudget.cache</c>.
/// </summary>
public static class CompleteAnswer
{
    /// <summary>The additional property of an answer that says where it came from, or that it must not be kept.</summary>
    internal const string Property = "tokenbudget.cache";

    internal const string NoStore = "no-store";

    /// <summary>Whether an answer may be kept.</summary>
    /// <param name="response">The answer; only read.</param>
    /// <param name="allowToolCalls">Whether one that calls tools may; see <see cref="CacheEntryInfo.StoreToolCalls"/>.</param>
    public static bool Is(ChatResponse response, bool allowToolCalls)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.FinishReason is not { } reason)
            return false;
        if (reason != ChatFinishReason.Stop && !(allowToolCalls && reason == ChatFinishReason.ToolCalls))
            return false;
        if (IsUnfinished(response) || Refuses(response.AdditionalProperties))
            return false;

        var substance = false;
        foreach (var message in response.Messages)
        {
            // Where a stream's update said so.
            if (Refuses(message.AdditionalProperties))
                return false;
            foreach (var content in message.Contents)
                switch (content)
                {
                    // Providers put refusals and failed parts into an answer that says "stop".
                    case ErrorContent or InputRequestContent:
                        return false;
                    // Some providers say "stop" for tool calls too; results tell that a tool loop ran, which a hit would not run again.
                    case FunctionCallContent or FunctionResultContent when !allowToolCalls:
                        return false;
                    case TextContent text:
                        substance |= !string.IsNullOrWhiteSpace(text.Text);
                        break;
                    case TextReasoningContent or UsageContent:
                        break;
                    default:
                        substance = true;
                        break;
                }
        }

        return substance;
    }

    // A copy of a streamed update has it as JSON.
    private static bool Refuses(AdditionalPropertiesDictionary? properties) =>
        properties is not null && properties.TryGetValue(Property, out var value) && value?.ToString() == NoStore;

#pragma warning disable MEAI001 // The experimental member is the only sign of an answer that is still being made.
    internal static bool IsUnfinished(ChatResponse response) => response.ContinuationToken is not null;
#pragma warning restore MEAI001
}
