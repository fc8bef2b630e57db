using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>An answer and where it came from.</summary>
/// <param name="Response">The answer: the caller's own object, that no other caller sees.</param>
/// <param name="Outcome">Where it came from.</param>
public readonly record struct CacheResult(ChatResponse Response, CacheOutcome Outcome);
