namespace TokenBudget.RateLimiting;

/// <summary>On what terms a caller waits for a rate limit.</summary>
public readonly record struct AdmissionTerms
{
    /// <summary>The priority; <see cref="RatePriority.Normal"/> unless set.</summary>
    public RatePriority Priority { get; init; }

    /// <summary>For whom the request is: tenants that wait get equal shares, and each has the limits of <see cref="RateLimits.PerTenant"/>. Unset, nobody's.</summary>
    public string? Tenant { get; init; }

    /// <summary>The tenant's share beside the others': 2 gets twice as much as 1. Finite; zero and less count as 1.</summary>
    public double Weight { get; init; }

    /// <summary>What was learned about requests of this kind: holds what they will probably use instead of the upper bound, where the provider charges no <c>max_tokens</c>. Unset, the bound is held.</summary>
    public UsageEstimator? Estimator { get; init; }

    /// <summary>The longest the caller can wait. Who would wait longer is refused at once and told how long. Unset, there is no end.</summary>
    public TimeSpan? MaxWait { get; init; }

    /// <summary>Throws when a value means nothing.</summary>
    internal void Validate()
    {
        if (Priority is not (RatePriority.Normal or RatePriority.High or RatePriority.Low))
            throw new ArgumentOutOfRangeException(nameof(Priority), Priority, "A priority is High, Normal or Low.");
        if (!double.IsFinite(Weight))
            throw new ArgumentOutOfRangeException(nameof(Weight), Weight, "A weight is a finite number; leave it unset for 1.");
    }
}
