using TokenBudget.RateLimiting;

namespace TokenBudget.Retries;

/// <summary>
/// What all calls of a runtime share about their providers: who is paused for want of money, which rate limits cool down together, and how many retries are left.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ProviderGuard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SpendLimitPause> _pauses = new(StringComparer.Ordinal);
    private readonly Random? _seeded;
    private volatile bool _hasPauses;

    internal ProviderGuard(RetryOptions options, TimeProvider time)
    {
        options.Validate();
        Options = options;
        Time = time;
        Clock = new RateClock(time);
        Budget = new RetryBudget(options.Budget, options.BudgetReserve);
        _seeded = options.Seed is { } seed ? new Random(seed) : null;
    }

    /// <summary>A provider has begun to refuse because of money, or still does when asked again.</summary>
    internal event Action<SpendLimitPause>? SpendLimitReached;

    /// <summary>Providers that are not asked, because the money is used up.</summary>
    public IReadOnlyList<SpendLimitPause> Pauses
    {
        get
        {
            lock (_gate)
                return [.. _pauses.Values];
        }
    }

    internal RetryOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>Measured time, read at a small price.</summary>
    internal RateClock Clock { get; }

    internal RetryBudget Budget { get; }

    internal SharedCoolDowns CoolDowns { get; } = new();

    /// <summary>Ends every pause: somebody has topped up the account.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _pauses.Clear();
            _hasPauses = false;
        }
    }

    /// <summary>Throws while an account is paused; when the pause is over, lets one call ask and holds the others.</summary>
    internal void ThrowIfPaused(string? account)
    {
        if (!_hasPauses || account is null)
            return;
        lock (_gate)
        {
            if (!_pauses.TryGetValue(account, out var pause))
                return;
            var now = Time.GetUtcNow();
            if (now < pause.Until)
                throw new ProviderSpendLimitException(pause, wasSent: false);
            _pauses[account] = pause with { Until = now + Options.SpendLimitPause };
        }
    }

    /// <summary>The provider said that the money is used up.</summary>
    internal SpendLimitPause Pause(string account, ProviderError error)
    {
        var pause = new SpendLimitPause(account.Split('#')[0], error, Time.GetUtcNow() + Options.SpendLimitPause);
        lock (_gate)
        {
            _pauses[account] = pause;
            _hasPauses = true;
        }

        SpendLimitReached?.Invoke(pause);
        return pause;
    }

    /// <summary>The provider answered: money is there.</summary>
    internal void Paid(string? account)
    {
        if (!_hasPauses || account is null)
            return;
        lock (_gate)
        {
            _pauses.Remove(account);
            _hasPauses = _pauses.Count > 0;
        }
    }

    /// <summary>A random wait before an attempt: from zero to twice the bound of the attempt before.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    internal TimeSpan Backoff(int attempt)
    {
        var bound = Math.Min(Options.MaxBackoff.Ticks, Options.Backoff.Ticks * Math.Pow(2, Math.Min(attempt - 1, 40)));
        return TimeSpan.FromTicks((long)(bound * NextDouble()));
    }

    private double NextDouble()
    {
        if (_seeded is null)
            return Random.Shared.NextDouble();
        lock (_gate)
            return _seeded.NextDouble();
    }
}
