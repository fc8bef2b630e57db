namespace TokenBudget.Caching;

/// <summary>A call that failed while a cache was warmed.</summary>
/// <param name="Call">Where it stands in the list, from 0.</param>
/// <param name="Exception">Why.</param>
public sealed record CacheWarmingFailure(int Call, Exception Exception);
