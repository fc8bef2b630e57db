using System.Net;

namespace TokenBudget.Retries;

/// <summary>A provider's refusal or failure, read from its status, headers and body. Immutable.</summary>
public sealed record ProviderError
{
    /// <summary>What can be done about it.</summary>
    public required ProviderErrorKind Kind { get; init; }

    /// <summary>The HTTP status; <see langword="null"/> when there was no response, 200 when a stream broke after a good start.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The provider's type of the error, for example <c>rate_limit_error</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The provider's code of the error, for example <c>insufficient_quota</c>.</summary>
    public string? Code { get; init; }

    /// <summary>The provider's words.</summary>
    public string? Message { get; init; }

    /// <summary>How long the provider wants to be left alone, counted from its response; <see langword="null"/> when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The provider's own opinion about another attempt (<c>x-should-retry</c>), if it has one.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>The provider's id of the request, to ask its support about.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whether the request got as far as the provider; one that did not can have cost nothing.</summary>
    internal bool WasReached { get; init; } = true;

    /// <summary>Whether the provider turned the request away with a status, so that it did no work on it.</summary>
    internal bool WasRejected => Status >= HttpStatusCode.BadRequest;

    /// <summary>
    /// Whether the same request may succeed later. The provider's own opinion decides where the kind leaves it open; no opinion makes money, a
    /// key or a request that is too large come back.
    /// </summary>
    public bool IsRetryable => Kind switch
    {
        ProviderErrorKind.RateLimited or ProviderErrorKind.SlowDown or ProviderErrorKind.Overloaded
            or ProviderErrorKind.Transient or ProviderErrorKind.Connection => ShouldRetry is not false,
        ProviderErrorKind.Unknown => ShouldRetry is true,
        _ => false,
    };

    /// <summary>Kind, status and code, without the provider's words: those may quote the request.</summary>
    public override string ToString()
    {
        var status = Status is { } code ? FormattableString.Invariant($" {(int)code}") : string.Empty;
        return (Code ?? Type) is { } name ? $"{Kind}{status} ({name})" : $"{Kind}{status}";
    }
}
