namespace TokenBudget.Caching;

/// <summary>A key inside its partition: a key that forgot the scope still cannot cross it.</summary>
internal readonly record struct EntryKey(CacheKey Key, string? Scope);
