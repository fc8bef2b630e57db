namespace TokenBudget.Windowing;

/// <summary>What a window leaves out.</summary>
/// <param name="Start">The first unit that is sent.</param>
/// <param name="ClearedEnd">The first unit whose tool results are not cleared.</param>
internal readonly record struct WindowState(int Start, int ClearedEnd);
