namespace TokenBudget.Caching;

/// <summary>Which answers are forgotten: those of an agent, of its method, of a scope, or, with nothing named, all.</summary>
internal sealed record CacheClear(string? Agent = null, string? Method = null, string? Scope = null)
{
    public static CacheClear Everything { get; } = new();

    public bool Matches(EntryKey key, CacheEntryInfo info) =>
        (Agent is null || info.Agent == Agent) && (Method is null || info.Method == Method) && (Scope is null || key.Scope == Scope);
}
