namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>A rate limit at one instant.</summary>
/// <param name="Name">The limit.</param>
/// <param name="InputTokens">Input tokens of its minute, reserved ones included.</param>
/// <param name="OutputTokens">Output tokens of its minute.</param>
/// <param name="Waiting">Callers that wait.</param>
internal sealed record LimitSample(string Name, long InputTokens, long OutputTokens, int Waiting);

/// <summary>All rate limits at one instant.</summary>
/// <param name="At">When, by the clock on the wall.</param>
/// <param name="Limits">The limits.</param>
internal sealed record Sample(DateTimeOffset At, IReadOnlyList<LimitSample> Limits);
