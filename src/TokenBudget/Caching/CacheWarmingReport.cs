namespace TokenBudget.Caching;

/// <summary>What came of warming a cache.</summary>
/// <param name="Completed">Calls that were answered, by the model or because the answer was there.</param>
/// <param name="Failures">Calls that were not, in the order of the list.</param>
public sealed record CacheWarmingReport(int Completed, IReadOnlyList<CacheWarmingFailure> Failures);
