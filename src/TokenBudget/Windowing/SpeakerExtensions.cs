using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Reads roles.</summary>
internal static class SpeakerExtensions
{
    /// <summary>Who a message is from. Nearly always the role is one of the constants, and then no text is compared.</summary>
    public static Speaker Speaker(this ChatMessage message)
    {
        var role = message.Role.Value;
        return ReferenceEquals(role, ChatRole.Assistant.Value) ? Windowing.Speaker.Model
            : ReferenceEquals(role, ChatRole.Tool.Value) ? Windowing.Speaker.Tool
            : ReferenceEquals(role, ChatRole.User.Value) ? Windowing.Speaker.User
            : Read(message.Role);
    }

    private static Speaker Read(ChatRole role) => role == ChatRole.System || Is(role, "developer") ? Windowing.Speaker.System
        : role == ChatRole.Assistant ? Windowing.Speaker.Model
        : role == ChatRole.Tool ? Windowing.Speaker.Tool
        : role == ChatRole.User ? Windowing.Speaker.User
        : Windowing.Speaker.Other;

    private static bool Is(ChatRole role, string name) => string.Equals(role.Value, name, StringComparison.OrdinalIgnoreCase);
}
