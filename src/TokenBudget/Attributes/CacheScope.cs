namespace TokenBudget;

/// <summary>Who may share a cached answer.</summary>
public enum CacheScope
{
    /// <summary>Callers of the same tenant. The default. Without a tenant, an answer to what a user wrote is not cached; one to constants, numbers and choices alone is.</summary>
    Tenant,

    /// <summary>Everybody. Only for answers that carry nothing of the asker.</summary>
    Global,
}
