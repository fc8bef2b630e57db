using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;

namespace TokenBudget.Calls;

/// <summary>What really holds for one method: attributes, configuration and defaults resolved, limits and budgets found by name.</summary>
/// <param name="Agent">The agent's name.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Settings">The resolved settings.</param>
/// <param name="Budgets">The budgets in dollars it is charged to.</param>
/// <param name="Limiter">The rate limit it shares.</param>
internal sealed record EffectivePolicy(string Agent, string Method, BudgetSettings Settings, MethodBudgets Budgets, TokenRateLimiter Limiter)
{
    /// <summary>What the method's answers have shown of what it reserves; none, where all of it is to be held.</summary>
    public UsageEstimator? Estimator { get; } = Settings.RateEstimate is RateEstimate.UpperBound ? null : new UsageEstimator();

    /// <summary>
    /// How long an answer may be: what the caller asks for, within the policy's limit and the model's. Where neither speaks there is a limit all the same, because
    /// what is unbounded cannot be reserved; and half of a small context is left for what is sent.
    /// </summary>
    public int MaxOutputTokens(int? asked, ModelInfo? model)
    {
        var allowed = Settings.MaxOutputTokens is { } limit ? Math.Min(asked ?? limit, limit)
            : asked ?? Math.Max(1, Math.Min(DefaultLimits.MaxOutputTokens, (Settings.MaxContextTokens ?? int.MaxValue) / 2));
        return Math.Min(allowed, model?.MaxOutputTokens ?? int.MaxValue);
    }

    /// <summary>The shares of tenants that have another one than 1.</summary>
    public IDictionary<string, double>? TenantWeights { get; init; }

    /// <summary>On what terms a request waits for the rate limit.</summary>
    public AdmissionTerms TermsFor(string? tenant, TimeSpan? maxWait) => new()
    {
        Tenant = tenant,
        Weight = tenant is not null && TenantWeights is not null && TenantWeights.TryGetValue(tenant, out var weight) ? weight : 0,
        Priority = Settings.RatePriority ?? RatePriority.Normal,
        MaxWait = maxWait,
        Estimator = Estimator,
    };

    public static RateLimits LimitsOf(BudgetSettings settings, ProviderProfile profile) => new()
    {
        Mode = settings.RateMode ?? RateLimitMode.StrictWindow,
        Profile = settings.RateMode is RateLimitMode.ProviderBucket ? profile : null,
        WhenStoreIsAway = settings.WhenStoreIsAway ?? default,
        MaxConcurrentRequests = settings.MaxConcurrentRequests,
        PerTenant = settings is { TenantTokensPerMinute: null, TenantRequestsPerMinute: null }
            ? null
            : new RateLimits { TokensPerMinute = settings.TenantTokensPerMinute, RequestsPerMinute = settings.TenantRequestsPerMinute },
        TokensPerMinute = settings.TokensPerMinute,
        InputTokensPerMinute = settings.InputTokensPerMinute,
        OutputTokensPerMinute = settings.OutputTokensPerMinute,
        RequestsPerMinute = settings.RequestsPerMinute,
    };
}
