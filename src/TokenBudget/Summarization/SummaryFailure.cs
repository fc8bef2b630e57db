namespace TokenBudget.Summarization;

/// <summary>A summary that came to nothing. Holds no text of the conversation.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Reason">Why.</param>
/// <param name="Model">The model that was asked; <see langword="null"/>, the client's own.</param>
/// <param name="UncoveredMessages">How many messages wait to be summarized.</param>
/// <param name="Exception">What was thrown, if anything was. Its text is the provider's or the store's.</param>
/// <param name="At">When, in UTC.</param>
public sealed record SummaryFailure(
    string ConversationId,
    SummaryFailureReason Reason,
    string? Model,
    int UncoveredMessages,
    Exception? Exception,
    DateTimeOffset At);
