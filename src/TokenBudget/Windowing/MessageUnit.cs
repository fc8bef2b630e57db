namespace TokenBudget.Windowing;

/// <summary>Messages that stay or go together: a user message, an answer, or tool calls with all their results and reasoning.</summary>
/// <param name="Tokens">Tokens of all of them.</param>
/// <param name="First">Index of the first message.</param>
/// <param name="End">Index after the last message. System messages may lie between; they are not part of it.</param>
/// <param name="Count">How many messages it has.</param>
/// <param name="User">The index of the newest user message in it; -1 when there is none.</param>
/// <param name="IsUser">Whether it begins with a user message.</param>
internal readonly record struct MessageUnit(long Tokens, int First, int End, int Count, int User, bool IsUser)
{
    /// <summary>This unit and the one after it as one.</summary>
    public MessageUnit Join(in MessageUnit next) =>
        new(Tokens + next.Tokens, First, next.End, Count + next.Count, next.User < 0 ? User : next.User, IsUser);
}
