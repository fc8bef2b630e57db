using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TokenBudget.Retries;

/// <summary>
/// Classifies what a provider answers instead of an answer. Code and type decide before the status, because one status means many things: a 429
/// can be speed, money, or a request that will never fit. Unknown types, HTML of a proxy and half bodies are classified by their status.
/// </summary>
internal static partial class ProviderErrorReader
{
    // Longer numbers of characters are somebody's page, and of no use in a message.
    private const int LongestMessage = 2_000;

    /// <summary>Reads an error response.</summary>
    /// <param name="status">Its status; 200 for an error inside a stream.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="body">Its body, or the beginning of it; anything at all.</param>
    public static ProviderError Read(HttpStatusCode? status, RateLimitHeaders headers, string? body)
    {
        var (type, code, message) = Fields(body);
        var kind = KindOf(status, type, code, message ?? string.Empty);
        return new ProviderError
        {
            Kind = kind,
            Status = status,
            Type = type,
            Code = code,
            Message = message,
            // OpenAI leaves the header out in some modes and says it in words.
            RetryAfter = headers.RetryAfter ?? (kind is ProviderErrorKind.RateLimited or ProviderErrorKind.SlowDown ? WaitInWords(message) : null),
            ShouldRetry = headers.ShouldRetry,
            RequestId = headers.RequestId,
        };
    }

    private static ProviderErrorKind KindOf(HttpStatusCode? status, string? type, string? code, string message)
    {
        if (IsMoney(type, code, message))
            return ProviderErrorKind.SpendLimit;
        switch (code)
        {
            case "slow_down":
                return ProviderErrorKind.SlowDown;
            case "context_length_exceeded":
                return ProviderErrorKind.ContextOverflow;
            case "server_is_overloaded":
                return ProviderErrorKind.Overloaded;
            case "rate_limit_exceeded":
                return IsLargerThanLimit(message) ? ProviderErrorKind.TooLarge : ProviderErrorKind.RateLimited;
        }

        switch (type)
        {
            case "overloaded_error" or "service_unavailable_error":
                return IsSlowDown(message) ? ProviderErrorKind.SlowDown : ProviderErrorKind.Overloaded;
            case "rate_limit_error":
                return IsLargerThanLimit(message) ? ProviderErrorKind.TooLarge : IsGrowth(message) ? ProviderErrorKind.SlowDown : ProviderErrorKind.RateLimited;
            case "api_error" or "timeout_error" or "conflict_error" or "server_error":
                return ProviderErrorKind.Transient;
            case "request_too_large":
                return ProviderErrorKind.TooLarge;
            case "authentication_error" or "permission_error":
                return ProviderErrorKind.Authentication;
            case "invalid_request_error":
                // OpenAI calls a wrong key an invalid request as well.
                return IsOverContext(message) ? ProviderErrorKind.ContextOverflow
                    : status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ProviderErrorKind.Authentication
                    : status is HttpStatusCode.RequestEntityTooLarge ? ProviderErrorKind.TooLarge
                    : ProviderErrorKind.Invalid;
            case "not_found_error":
                return ProviderErrorKind.Invalid;
        }

        return (int?)status switch
        {
            429 => IsLargerThanLimit(message) ? ProviderErrorKind.TooLarge : ProviderErrorKind.RateLimited,
            402 => ProviderErrorKind.SpendLimit,
            401 or 403 or 407 => ProviderErrorKind.Authentication,
            413 => ProviderErrorKind.TooLarge,
            408 or 409 or 425 => ProviderErrorKind.Transient,
            503 when IsSlowDown(message) => ProviderErrorKind.SlowDown,
            503 or 529 => ProviderErrorKind.Overloaded,
            >= 500 => ProviderErrorKind.Transient,
            >= 400 => IsOverContext(message) ? ProviderErrorKind.ContextOverflow : ProviderErrorKind.Invalid,
            _ => ProviderErrorKind.Unknown,
        };
    }

    private static bool IsMoney(string? type, string? code, string message) =>
        code is "enforced_spend_limit_reached" or "insufficient_quota" or "credit_balance_exhausted" or "organization_spend_limit_exceeded"
            or "project_spend_limit_exceeded" or "organization_usage_limit_exceeded" or "billing_hard_limit_reached" or "billing_not_active"
        || type is "insufficient_quota" or "billing_error"
        // These come as 400 with a type that says nothing. Only at the beginning: further on, a message may quote the prompt.
        || (type is "invalid_request_error"
            && (message.StartsWith("You have reached your specified API usage limits", StringComparison.OrdinalIgnoreCase)
                || message.StartsWith("Your credit balance is too low", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Larger than a minute's limit; what an organization has no capacity for, such as Anthropic's fast mode, has a limit of 0.</summary>
    private static bool IsLargerThanLimit(string message) => message.StartsWith("Request too large", StringComparison.OrdinalIgnoreCase)
        || message.StartsWith("This request would exceed your rate limit of 0 ", StringComparison.OrdinalIgnoreCase);

    /// <summary>Anthropic's acceleration limit has no code of its own: "your organization's maximum usage increase rate".</summary>
    private static bool IsGrowth(string message) =>
        message.Contains("usage increase rate", StringComparison.OrdinalIgnoreCase) || message.Contains("acceleration limit", StringComparison.OrdinalIgnoreCase);

    private static bool IsSlowDown(string message) => message.Contains("slow down", StringComparison.OrdinalIgnoreCase);

    private static bool IsOverContext(string message) =>
        message.Contains("prompt is too long", StringComparison.OrdinalIgnoreCase)
        || message.Contains("exceed context limit", StringComparison.OrdinalIgnoreCase)
        || message.Contains("maximum context length", StringComparison.OrdinalIgnoreCase);

    /// <summary>Type, code and message of <c>{"error":{…}}</c>, wherever the providers put them.</summary>
    private static (string? Type, string? Code, string? Message) Fields(string? body)
    {
        if (string.IsNullOrWhiteSpace(body))
            return default;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root)
                return default;
            if (!root.TryGetProperty("error", out var error))
                error = root;
            return error.ValueKind switch
            {
                JsonValueKind.String => (null, null, Shorten(error.GetString())),
                JsonValueKind.Object => (
                    Text(error, "type"),
                    error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object && Text(details, "error_code") is { } detail
                        ? detail
                        : Text(error, "code"),
                    Shorten(Text(error, "message"))),
                _ => default,
            };
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        }
        : null;

    private static string? Shorten(string? text) => text?.Length > LongestMessage ? text[..LongestMessage] : text;

    /// <summary>"Please try again in 6m0s", "Please retry after 6 seconds".</summary>
    private static TimeSpan? WaitInWords(string? message)
    {
        if (message is null || Wait().Match(message) is not { Success: true } found)
            return null;
        return found.Groups["go"] is { Success: true } go
            ? HeaderDuration.Go(go.ValueSpan)
            : HeaderDuration.Number(found.Groups["seconds"].ValueSpan, TimeSpan.FromSeconds(1));
    }

    [GeneratedRegex(@"(?:try again|retry) (?:in|after) (?:(?<seconds>[0-9]+(?:\.[0-9]+)?) seconds?|(?<go>(?:[0-9]+(?:\.[0-9]+)?(?:ms|[hms]))+))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Wait();
}
