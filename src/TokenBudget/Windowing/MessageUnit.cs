namespace TokenBudget.Windowing;

/// <summary>Messages that stay or go together: a user message, an answer, or a tool call with all its results and its reasoning.</summary>
/// <param name="First">Index of the first message.</param>
/// <param name="End">Index after the last message.</param>
/// <param name="Tokens">Tokens of all of them.</param>
/// <param name="IsUser">Whether it is a user message.</param>
internal readonly record struct MessageUnit(int First, int End, long Tokens, bool IsUser)
{
    public int Count => End - First;
}
