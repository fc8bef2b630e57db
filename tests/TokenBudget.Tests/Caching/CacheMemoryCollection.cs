namespace TokenBudget.Tests.Caching;

/// <summary>Alone: what others allocate meanwhile would be measured too.</summary>
[CollectionDefinition(nameof(CacheMemoryTests), DisableParallelization = true)]
public sealed class CacheMemoryCollection;
