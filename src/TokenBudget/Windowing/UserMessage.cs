namespace TokenBudget.Windowing;

/// <summary>A user message that carries no tool results.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Tokens">Its tokens.</param>
internal readonly record struct UserMessage(int Index, long Tokens);
