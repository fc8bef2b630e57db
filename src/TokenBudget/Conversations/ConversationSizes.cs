namespace TokenBudget.Conversations;

/// <summary>How many conversations a store has, and how large some of them are.</summary>
/// <param name="Total">All conversations.</param>
/// <param name="Newest">Those that were last appended to, newest first.</param>
public sealed record ConversationSizes(long Total, IReadOnlyList<ConversationSize> Newest);
