namespace TokenBudget.Conversations;

/// <summary>A rolling summary and the range of messages it stands for.</summary>
/// <param name="Text">The summary; never empty.</param>
/// <param name="ThroughSequence">It covers the messages with sequence numbers 0 up to and including this one.</param>
/// <param name="Tokens">Its size in tokens.</param>
/// <param name="CreatedAt">When it was made, in UTC.</param>
public sealed record ConversationSummary(string Text, long ThroughSequence, int Tokens, DateTimeOffset CreatedAt);
