namespace TokenBudget.Windowing;

/// <summary>What a window may hold.</summary>
/// <param name="Tokens">The most tokens, with everything besides messages.</param>
/// <param name="Messages">The most messages; 0, no limit.</param>
/// <param name="Age">How much older than the newest message a message may be; zero, no limit.</param>
internal readonly record struct WindowLimits(long Tokens, int Messages, TimeSpan Age);
