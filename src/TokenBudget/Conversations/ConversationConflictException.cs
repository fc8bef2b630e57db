using System.Globalization;

namespace TokenBudget.Conversations;

/// <summary>Two writers appended to one conversation at once; the second is told instead of losing a turn.</summary>
public sealed class ConversationConflictException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="expectedVersion">The version the writer had seen.</param>
    /// <param name="actualVersion">The version found.</param>
    public ConversationConflictException(string conversationId, long expectedVersion, long actualVersion)
        : base(string.Create(
            CultureInfo.InvariantCulture,
            $"Conversation '{conversationId}' is at version {actualVersion}, not {expectedVersion}: somebody else appended to it. Load it again and repeat the turn."))
    {
        ConversationId = conversationId;
        ExpectedVersion = expectedVersion;
        ActualVersion = actualVersion;
    }

    /// <summary>The conversation.</summary>
    public string ConversationId { get; }

    /// <summary>The version the writer had seen.</summary>
    public long ExpectedVersion { get; }

    /// <summary>The version found.</summary>
    public long ActualVersion { get; }
}
