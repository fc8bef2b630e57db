namespace TokenBudget;

/// <summary>Marks the parameter that names the tenant: a hard partition of cache, budgets and ledger. Never sent to the model.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CacheScopeAttribute : Attribute;
