namespace TokenBudget.RateLimiting;

/// <summary>Limits per minute; <see langword="null"/> means no limit.</summary>
public sealed record RateLimits
{
    /// <summary>Requests per minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Input tokens per minute.</summary>
    public long? InputTokensPerMinute { get; init; }

    /// <summary>Output tokens per minute.</summary>
    public long? OutputTokensPerMinute { get; init; }

    /// <summary>Input and output tokens per minute.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>The most requests that may be open at the same time.</summary>
    public int? MaxConcurrentRequests { get; init; }

    /// <summary>How it is counted; <see cref="RateLimitMode.StrictWindow"/> unless set.</summary>
    public RateLimitMode Mode { get; init; }

    /// <summary>The provider whose counting <see cref="RateLimitMode.ProviderBucket"/> mirrors; unset, <see cref="ProviderProfile.Generic"/>.</summary>
    public ProviderProfile? Profile { get; init; }

    /// <summary>The limits of each tenant, beside the others, which hold for all of them together. A request takes from both or from none. Its queue settings, mode and own tenants are not used.</summary>
    public RateLimits? PerTenant { get; init; }

    /// <summary>The most tenants with <see cref="PerTenant"/> limits that may be active within a minute; requests of further ones are refused. Default 10,000. A tenant takes about 4 KB.</summary>
    public int MaxTenants { get; init; } = 10_000;

    /// <summary>The most callers that may wait; further ones are refused at once. Default 10,000.</summary>
    public int QueueLimit { get; init; } = 10_000;

    /// <summary>How long a reservation may stay open before it is taken as fully used. Default 15 minutes.</summary>
    public TimeSpan ReservationLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How the limit is held while the store through which processes share it is away. Without such a store it means nothing.</summary>
    public StoreFallback WhenStoreIsAway { get; init; }

    /// <summary>Throws when a limit is not positive.</summary>
    internal void Validate()
    {
        Check(RequestsPerMinute, nameof(RequestsPerMinute));
        Check(InputTokensPerMinute, nameof(InputTokensPerMinute));
        Check(OutputTokensPerMinute, nameof(OutputTokensPerMinute));
        Check(TokensPerMinute, nameof(TokensPerMinute));
        Check(MaxConcurrentRequests, nameof(MaxConcurrentRequests));
        PerTenant?.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTenants, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReservationLifetime, TimeSpan.Zero);

        static void Check(long? limit, string name)
        {
            if (limit is < 1)
                throw new ArgumentOutOfRangeException(name, limit, "A rate limit is at least 1; leave it unset for no limit.");
        }
    }
}
