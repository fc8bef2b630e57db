namespace TokenBudget.RateLimiting;

/// <summary>What a provider says of one dimension of its limits.</summary>
/// <param name="Limit">The limit per minute; zero and less mean nothing and are ignored.</param>
/// <param name="Remaining">What was left of it; negative is ignored.</param>
/// <param name="ResetAfter">How long until all of it is there again, from the reading on.</param>
/// <param name="RoundedTo">What the remaining amount is rounded to: 1,000 for Anthropic's tokens, so that it is known to ±500.</param>
public readonly record struct LimitReading(long? Limit, long? Remaining, TimeSpan? ResetAfter = null, long RoundedTo = 1);
