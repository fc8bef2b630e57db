namespace TokenBudget.Conversations;

/// <summary>A conversation at one instant: what the next prompt is made of.</summary>
/// <param name="Messages">The messages the prompt still carries, oldest first. A summary that waits covers the first of them.</param>
/// <param name="FirstSequence">The sequence number of the first of them.</param>
/// <param name="Version">How many messages were ever appended.</param>
/// <param name="Sent">The summary in front of the prompt.</param>
/// <param name="Newest">The newest summary: <paramref name="Sent"/>, or one that waits for its time to take effect.</param>
internal sealed record ConversationSnapshot(
    IReadOnlyList<CountedMessage> Messages,
    long FirstSequence,
    long Version,
    ConversationSummary? Sent,
    ConversationSummary? Newest)
{
    public bool HasWaitingSummary => !ReferenceEquals(Sent, Newest);

    /// <summary>The index of the first message that no summary covers.</summary>
    public int FirstUncovered => Newest is null ? 0 : (int)Math.Clamp(Newest.ThroughSequence + 1 - FirstSequence, 0, Messages.Count);
}
