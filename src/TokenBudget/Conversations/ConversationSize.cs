namespace TokenBudget.Conversations;

/// <summary>How large a conversation is.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Messages">Its messages, those a summary stands for included.</param>
/// <param name="Tokens">The tokens of all its messages.</param>
/// <param name="SummaryTokens">The tokens of its newest summary; 0 without one.</param>
/// <param name="SummarizedMessages">How many messages that summary stands for.</param>
/// <param name="LastActive">When it was last appended to.</param>
public sealed record ConversationSize(string Id, long Messages, long Tokens, long SummaryTokens, long SummarizedMessages, DateTimeOffset LastActive);
