namespace TokenBudget.Conversations;

/// <summary>What every conversation store refuses before it starts. The SQL stores link this file.</summary>
internal static class StoreArguments
{
    public static void CheckId(string conversationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(conversationId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(conversationId.Length, 256, nameof(conversationId));
    }

    public static void CheckTurn(string conversationId, long expectedVersion, IReadOnlyList<CountedMessage> turn)
    {
        CheckId(conversationId);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Count == 0)
            throw new ArgumentException("A turn has at least one message.", nameof(turn));
        foreach (var message in turn)
            ArgumentOutOfRangeException.ThrowIfNegative(message.Tokens, nameof(turn));
    }

    /// <summary>When a turn was: of its newest message, as far as messages say; otherwise now. In ticks of UTC.</summary>
    public static long ActivityOf(IReadOnlyList<CountedMessage> turn, TimeProvider time) =>
        (turn.Max(static counted => counted.Message.CreatedAt) ?? time.GetUtcNow()).UtcTicks;

    public static void CheckRead(string conversationId, int maxTokens)
    {
        CheckId(conversationId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
    }

    public static void CheckSummary(string conversationId, ConversationSummary summary)
    {
        CheckId(conversationId);
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentException.ThrowIfNullOrEmpty(summary.Text, nameof(summary));
        ArgumentOutOfRangeException.ThrowIfNegative(summary.ThroughSequence, nameof(summary));
        ArgumentOutOfRangeException.ThrowIfNegative(summary.Tokens, nameof(summary));
    }

    public static ArgumentException BeyondLastMessage(string conversationId, long throughSequence, long version) => new(
        $"The summary covers messages up to number {throughSequence}, but conversation '{conversationId}' has {version} messages, numbered from 0.",
        "summary");
}
