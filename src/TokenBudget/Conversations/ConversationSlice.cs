namespace TokenBudget.Conversations;

/// <summary>The newest part of a stored conversation, and the summary of what comes before.</summary>
public sealed record ConversationSlice
{
    /// <summary>A conversation nobody has written to.</summary>
    public static ConversationSlice Empty { get; } = new();

    /// <summary>Messages in order, oldest first: whole turns, none of them covered by <see cref="Summary"/>.</summary>
    public IReadOnlyList<CountedMessage> Messages { get; init; } = [];

    /// <summary>The sequence number of the first of <see cref="Messages"/>; with no messages, of the next one to be appended.</summary>
    public long FirstSequence { get; init; }

    /// <summary>How many messages were ever appended: the version to expect at the next append.</summary>
    public long Version { get; init; }

    /// <summary>The summary of older messages, if one was made.</summary>
    public ConversationSummary? Summary { get; init; }
}
