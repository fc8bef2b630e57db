namespace TokenBudget;

/// <summary>Who may share a cached answer.</summary>
public enum CacheScope
{
    /// <summary>Callers of the same tenant. The default; without a tenant, callers of this process that have none either.</summary>
    Tenant,

    /// <summary>Everybody. Only for answers that carry nothing of the asker.</summary>
    Global,
}
