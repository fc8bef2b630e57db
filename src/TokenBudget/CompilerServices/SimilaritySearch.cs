using TokenBudget.Caching;

namespace TokenBudget.CompilerServices;

/// <summary>What came of looking for an answer to a similar question.</summary>
/// <param name="Found">The answer, with <see cref="CacheOutcome.Hit"/> if it is the question's own.</param>
/// <param name="Similarity">How similar the other question is.</param>
/// <param name="New">What to remember once there is an answer.</param>
internal readonly record struct SimilaritySearch(CacheResult? Found = null, double? Similarity = null, SimilarQuestion? New = null);
