using TokenBudget.Configuration;

namespace TokenBudget.Retries;

/// <summary>How failed requests are tried again. The number of attempts and the longest wait can be set for each method as well.</summary>
public sealed class RetryOptions
{
    /// <summary>The most attempts of one request, the first included: 1 to 100, where 1 means no retry. Default 5.</summary>
    public int MaxAttempts { get; set; } = DefaultLimits.MaxAttempts;

    /// <summary>
    /// The longest single wait between two attempts, whoever asks for it. A provider that wants more makes the call fail at once, with its own error. More than zero. Default 2 minutes.
    /// </summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The first step of the waits where the provider names none: an attempt waits for a random time between zero and this, the next one up to twice as long,
    /// and so on up to <see cref="MaxBackoff"/> (full jitter). More than zero. Default half a second.
    /// </summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(DefaultLimits.BackoffSeconds);

    /// <summary>The end of the doubling. Default 30 seconds.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(DefaultLimits.MaxBackoffSeconds);

    /// <summary>
    /// Retries after overload and failures, as a share of all calls: 0 to 1. When everything fails, this keeps the retries from being a load of their own. Retries of rate limits are
    /// paced by the limit instead and do not count. Of all calls, no more than this share is tried again, or as many as <see cref="BudgetReserve"/> says where that is more. Default 0.1.
    /// </summary>
    public double Budget { get; set; } = 0.1;

    /// <summary>Retries that are there from the start, before calls have earned them, and that can be saved up: 0 to 1,000,000. Default 10.</summary>
    public int BudgetReserve { get; set; } = 10;

    /// <summary>How long calls are refused after the provider said that the money is used up, before one of them asks again. More than zero. Default one minute.</summary>
    public TimeSpan SpendLimitPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stream may stay silent before it counts as broken; <see langword="null"/>, for ever. Default 5 minutes: reasoning models think for long.</summary>
    public TimeSpan? StreamSilence { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The seed of the random waits, to repeat a run; unset, every run differs.</summary>
    public int? Seed { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Backoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, Backoff);
        ArgumentOutOfRangeException.ThrowIfNegative(Budget);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Budget, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(BudgetReserve);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BudgetReserve, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SpendLimitPause, TimeSpan.Zero);
        if (StreamSilence is { } silence)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(silence, TimeSpan.Zero, nameof(StreamSilence));
    }
}
