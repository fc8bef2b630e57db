namespace TokenBudget.Windowing;

/// <summary>Messages that stay or go together: a user message, an answer, or tool calls with all their results and reasoning.</summary>
/// <param name="First">Index of the first message.</param>
/// <param name="End">Index after the last message. System messages may lie between; they are not part of it.</param>
/// <param name="Count">How many messages it has.</param>
/// <param name="Tokens">Tokens of all of them.</param>
/// <param name="IsUser">Whether it begins with a user message.</param>
/// <param name="User">The newest user message in it, if there is one.</param>
/// <param name="IsAfterPause">Whether it came, or went on, after a pause longer than the provider keeps its prompt cache.</param>
internal readonly record struct MessageUnit(int First, int End, int Count, long Tokens, bool IsUser, UserMessage? User, bool IsAfterPause)
{
    /// <summary>This unit and the one after it as one.</summary>
    public MessageUnit Join(MessageUnit next) =>
        new(First, next.End, Count + next.Count, Tokens + next.Tokens, IsUser, next.User ?? User, IsAfterPause || next.IsAfterPause);
}
