using TokenBudget.Caching;

namespace TokenBudget.CompilerServices;

/// <summary>A call taken apart: one text that is compared by meaning, and everything else, which must be the same.</summary>
/// <param name="Key">The key of the whole call.</param>
/// <param name="Partition">The key of everything but the text.</param>
/// <param name="Text">The last user text.</param>
internal readonly record struct ComparedQuestion(CacheKey Key, CacheKey Partition, string Text);
