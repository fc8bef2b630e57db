namespace TokenBudget.Configuration;

/// <summary>
/// Tells for whom the current call is, where no parameter with <see cref="CacheScopeAttribute"/> does: a hard partition of cache, limits, budgets and ledger. Register one, or give it to
/// <see cref="TokenBudgetRuntime"/>; a web host answers with what the signed-in user's claims say.
/// </summary>
public interface ITenantAccessor
{
    /// <summary>The tenant, compared ordinally; <see langword="null"/> when there is none. Asked once for every call, on the caller's thread; must be thread-safe.</summary>
    string? Tenant { get; }
}
