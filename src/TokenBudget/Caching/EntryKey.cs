namespace TokenBudget.Caching;

/// <summary>A key inside its partition: a key that forgot the scope still cannot cross it.</summary>
internal readonly record struct EntryKey(CacheKey Key, string? Scope)
{
    // The key has the scope in it, and is spread evenly as it is.
    public override int GetHashCode() => Key.GetHashCode();
}
