using System.Collections.Concurrent;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.RateLimiting;
using TokenBudget.Sharing;

namespace TokenBudget;

/// <summary>The rate limits of a runtime by name: methods that name the same limit share one limiter. Thread-safe.</summary>
internal sealed class NamedRateLimits(TokenBudgetOptions options, SharedRateLimits? shared, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<TokenRateLimiter>> _limiters = new(StringComparer.Ordinal);

    /// <summary>What each limit is at, by name.</summary>
    public IReadOnlyList<RateLimitStatus> Statuses =>
        [.. _limiters.Values.Select(static limiter => limiter.Value.GetStatus()).OrderBy(static status => status.Name, StringComparer.Ordinal)];

    /// <summary>A named limit has one set of figures; an unnamed one is the agent's, or the method's where the method says something else.</summary>
    /// <exception cref="TokenBudgetConfigurationException">The limit has other figures elsewhere.</exception>
    public TokenRateLimiter For(AgentMethodPolicy policy, BudgetSettings settings)
    {
        var profile = ProviderProfile.For(settings.Model is { } model && options.Models.TryGet(model, out var info) ? info.Provider : null);
        var ofMethod = $"{policy.Agent}.{policy.Method}";
        foreach (var name in settings.LimitName is { } named ? [named] : new[] { ofMethod, policy.Agent })
            // Written as it is there, so that it is one limiter however methods write it.
            foreach (var (key, stated) in options.RateLimits.Where(limit => limit.Key.Equals(name, StringComparison.OrdinalIgnoreCase)))
                return Find(key, stated.Mode == RateLimitMode.ProviderBucket ? stated with { Profile = stated.Profile ?? profile } : stated);

        var limits = EffectivePolicy.LimitsOf(settings, profile);
        var limiter = Find(settings.LimitName ?? policy.Agent, limits);
        if (limiter.Limits == limits)
            return limiter;
        if (settings.LimitName is null)
            return Find(ofMethod, limits);
        throw new TokenBudgetConfigurationException(
            [$"Rate limit '{settings.LimitName}' has other figures at {policy.Agent}.{policy.Method} ({limits}) than where it was used first ({limiter.Limits}). Give both the same, or another LimitName."]);
    }

    /// <summary>Ends what waits for a limit.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var limiter in _limiters.Values)
            await limiter.Value.DisposeAsync().ConfigureAwait(false);
    }

    private TokenRateLimiter Find(string name, RateLimits limits) =>
        _limiters.GetOrAdd(name, static (name, create) => new Lazy<TokenRateLimiter>(() => create.This.Create(name, create.Limits)), (This: this, Limits: limits)).Value;

    private TokenRateLimiter Create(string name, RateLimits limits)
    {
        var limiter = new TokenRateLimiter(name, limits, time);
        if (options.Enabled)
            shared?.Join(limiter);
        return limiter;
    }
}
