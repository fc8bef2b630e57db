using System.Collections.Concurrent;
using TokenBudget.RateLimiting;

namespace TokenBudget.Retries;

/// <summary>Which rate limits send to the same model with the same key: when one of them is told to wait, all of them are. Thread-safe.</summary>
internal sealed class SharedCoolDowns
{
    private readonly ConcurrentDictionary<(string Account, string ModelId), ConcurrentDictionary<TokenRateLimiter, bool>> _limiters = new();

    /// <summary>A limiter sends to a model with a key.</summary>
    public void Join(string account, string modelId, TokenRateLimiter limiter)
    {
        var members = _limiters.GetOrAdd((account, modelId), static _ => new ConcurrentDictionary<TokenRateLimiter, bool>());
        if (!members.ContainsKey(limiter))
            members.TryAdd(limiter, true);
    }

    /// <summary>Pauses everybody but the limiter that was told itself.</summary>
    public void Pause(string account, string modelId, TimeSpan wait, TokenRateLimiter told)
    {
        foreach (var limiter in Others(account, modelId, told))
            limiter.PauseFor(wait);
    }

    /// <summary>Slows everybody down but the limiter that was told itself.</summary>
    public void SlowDown(string account, string modelId, TokenRateLimiter told)
    {
        foreach (var limiter in Others(account, modelId, told))
            limiter.SlowDown();
    }

    private IEnumerable<TokenRateLimiter> Others(string account, string modelId, TokenRateLimiter told) =>
        _limiters.TryGetValue((account, modelId), out var members) ? members.Keys.Where(limiter => limiter != told) : [];
}
