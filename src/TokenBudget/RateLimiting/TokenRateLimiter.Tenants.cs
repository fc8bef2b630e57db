using System.Globalization;

namespace TokenBudget.RateLimiting;

/// <content>Tenants: known while they use something or wait, and forgotten after that.</content>
public sealed partial class TokenRateLimiter
{
    // Room for a request may come half a second late, and a tenant takes a fifth of the memory.
    private const long TenantCellTicks = TimeSpan.TicksPerSecond / 2;

    private readonly Dictionary<string, TenantState> _tenants = new(StringComparer.Ordinal);
    private readonly TenantState _nobody = new(null, null);
    private int _sweepAt = 64;
    private long _sweptAt = -TimeSpan.TicksPerSecond;

    /// <summary>How many tenants are known.</summary>
    internal int KnownTenants
    {
        get
        {
            lock (_gate)
                return _tenants.Count;
        }
    }

    /// <summary>The tenant, if tenants have limits.</summary>
    private TenantState? AccountedTenant(string? name, long now)
    {
        if (name is null || _limits.PerTenant is not { } limits)
            return null;
        if (!_tenants.TryGetValue(name, out var known))
            return NewTenant(name, limits, now);
        known.Account!.Advance(now);
        return known;
    }

    private TenantState NewTenant(string name, RateLimits limits, long now)
    {
        if (_tenants.Count >= Math.Min(_sweepAt, _limits.MaxTenants) && now - _sweptAt >= TimeSpan.TicksPerSecond)
            ForgetIdleTenants(now);
        if (_tenants.Count >= _limits.MaxTenants)
            throw Refused(new RateLimitExceededException(
                Name,
                string.Create(CultureInfo.InvariantCulture, $"Rate limit '{Name}' follows {_tenants.Count:N0} active tenants already, as many as MaxTenants allows."),
                TimeSpan.FromMinutes(1)));

        var account = new RateAccount(limits with { Mode = _limits.Mode, Profile = _limits.Profile }, TenantCellTicks);
        account.Advance(now);
        return _tenants[name] = new TenantState(name, account);
    }

    /// <summary>The tenant whose line a caller joins.</summary>
    private TenantState WaitingTenant(string? name, TenantState? accounted)
    {
        if (accounted is not null)
            return accounted;
        if (name is null)
            return _nobody;
        if (!_tenants.TryGetValue(name, out var state))
            _tenants[name] = state = new TenantState(name, null);
        return state;
    }

    /// <summary>Without limits of its own, a tenant is only known while it waits.</summary>
    private void ForgetIfGone(TenantState tenant)
    {
        if (tenant is { Waiting: 0, Account: null, Name: { } name })
            _tenants.Remove(name);
    }

    private void ForgetIdleTenants(long now)
    {
        _sweptAt = now;
        foreach (var (name, tenant) in _tenants)
        {
            tenant.Account!.Advance(now);
            if (tenant.Waiting == 0 && tenant.Account.IsEmpty)
                _tenants.Remove(name);
        }

        // Twice as many as are left: looking at all costs a new one nothing on average.
        _sweepAt = Math.Max(64, _tenants.Count * 2);
    }
}
