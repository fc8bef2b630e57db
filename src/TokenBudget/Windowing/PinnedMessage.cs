using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Messages that no window drops, like system messages: they stay, in order, in front of what is cut.</summary>
public static class PinnedMessage
{
    private const string Property = "tokenbudget.pinned";

    /// <summary>Pins a message: a note that must not be forgotten, a summary of what was.</summary>
    /// <param name="message">The message; not part of a tool call or its results. Marked in its additional properties, which no provider gets.</param>
    /// <returns>The same message.</returns>
    public static ChatMessage Pin(this ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        (message.AdditionalProperties ??= [])[Property] = true;
        return message;
    }

    /// <summary>Whether a message is pinned.</summary>
    /// <param name="message">The message.</param>
    public static bool IsPinned(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        // A stored message comes back with a JSON value.
        return message.AdditionalProperties is { } properties
            && properties.TryGetValue(Property, out var value)
            && value is true or System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.True };
    }
}
