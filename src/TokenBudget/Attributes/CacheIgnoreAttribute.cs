namespace TokenBudget;

/// <summary>Leaves a parameter out of the cache key: the only way to do so. Right for values that cannot change the answer, such as a trace id.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CacheIgnoreAttribute : Attribute;
