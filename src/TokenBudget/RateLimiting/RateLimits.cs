namespace TokenBudget.RateLimiting;

/// <summary>Limits that hold in every sliding minute; <see langword="null"/> means no limit.</summary>
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

    /// <summary>The most callers that may wait; further ones are refused at once. Default 10,000.</summary>
    public int QueueLimit { get; init; } = 10_000;

    /// <summary>How long a reservation may stay open before it is taken as fully used. Default 15 minutes.</summary>
    public TimeSpan ReservationLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Throws when a limit is not positive.</summary>
    internal void Validate()
    {
        Check(RequestsPerMinute, nameof(RequestsPerMinute));
        Check(InputTokensPerMinute, nameof(InputTokensPerMinute));
        Check(OutputTokensPerMinute, nameof(OutputTokensPerMinute));
        Check(TokensPerMinute, nameof(TokensPerMinute));
        ArgumentOutOfRangeException.ThrowIfNegative(QueueLimit);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReservationLifetime, TimeSpan.Zero);

        static void Check(long? limit, string name)
        {
            if (limit is < 1)
                throw new ArgumentOutOfRangeException(name, limit, "A rate limit is at least 1 per minute; leave it unset for no limit.");
        }
    }
}
