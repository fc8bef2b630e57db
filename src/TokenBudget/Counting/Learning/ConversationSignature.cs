using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Counting.Learning;

/// <summary>Tells one beginning of a conversation from another, within a process.</summary>
/// <remarks>
/// Made of what is cheap to read and survives a copy or a store: roles, ids of calls, the beginnings and lengths of texts. Two conversations that are
/// taken for one are estimated by each other's reports until the next report, nothing worse.
/// </remarks>
internal static class ConversationSignature
{
    public const ulong Empty = 0xCBF2_9CE4_8422_2325;

    private const ulong Prime = 0x0000_0100_0000_01B3;
    private const int TextRead = 16;

    /// <summary>The signature with one message more.</summary>
    public static ulong With(ulong signature, ChatMessage message)
    {
        var role = message.Role.Value;
        signature = Mix(signature, (role.Length << 8) | role[0]);
        var contents = message.Contents;
        for (var index = 0; index < contents.Count; index++)
            signature = Mix(signature, contents[index] switch
            {
                TextContent text => Of(text.Text),
                TextReasoningContent reasoning => Of(reasoning.Text),
                FunctionCallContent call => call.CallId.GetHashCode(StringComparison.Ordinal),
                FunctionResultContent result => ~result.CallId.GetHashCode(StringComparison.Ordinal),
                _ => 1,
            });
        return signature;
    }

    // Not the string's own hash code, which is made for attackers: this is asked for every message of every request.
    private static int Of(string text)
    {
        var read = text.AsSpan(0, Math.Min(TextRead, text.Length));
        var hash = Empty ^ (uint)text.Length;
        var words = MemoryMarshal.Cast<char, ulong>(read);
        foreach (var word in words)
            hash = BitOperations.RotateLeft((hash ^ word) * Prime, 29);
        foreach (var character in read[(words.Length * (sizeof(ulong) / sizeof(char)))..])
            hash = (hash ^ character) * Prime;
        return (int)(hash ^ (hash >> 32));
    }

    private static ulong Mix(ulong signature, int value) => (signature ^ (uint)value) * Prime ^ (signature >> 47);
}
