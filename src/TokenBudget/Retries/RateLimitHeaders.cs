using System.Globalization;
using System.Net.Http.Headers;
using TokenBudget.RateLimiting;

namespace TokenBudget.Retries;

/// <summary>
/// What the headers of a response say about limits and waiting. Anthropic's, OpenAI's and Azure's names; what is absent, garbled or
/// senseless is <see langword="null"/> and never an error.
/// </summary>
/// <remarks>Anthropic's fast mode has limits of its own beside the usual ones; those of the priority tier are paid capacity, and what is beyond them goes on under the usual ones, so they limit nothing. Names: docs.anthropic.com "Rate limits" and "Fast mode", platform.openai.com "Rate limits", Azure OpenAI "Quotas". Immutable.</remarks>
internal sealed record RateLimitHeaders
{
    // What is left of Anthropic's tokens is rounded to the nearest thousand.
    private const long AnthropicRounding = 1_000;

    // An instant in seconds or milliseconds since 1970 is a number too; no minute's limit takes a year to refill.
    private static readonly TimeSpan LongestReset = TimeSpan.FromDays(366);

    /// <summary>Says nothing.</summary>
    public static RateLimitHeaders None { get; } = new();

    /// <summary>The limits they tell; <see langword="null"/> when they tell none.</summary>
    public RateLimitReading? Limits { get; init; }

    /// <summary>How long to wait at least, counted from the response. The longest where several are given: none of them may be broken.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the provider wants the request to be sent again (<c>x-should-retry</c>).</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>The provider's id of the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>Reads the headers of a response.</summary>
    /// <param name="headers">The headers.</param>
    /// <param name="now">Our clock. Instants in headers are taken relative to the response's own <c>Date</c> where it has one, so that a clock that is off does no harm.</param>
    public static RateLimitHeaders Read(HttpResponseHeaders headers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var raw = headers.NonValidated;
        var clock = Instant(raw, "Date") ?? now;
        return new RateLimitHeaders
        {
            Limits = LimitsOf(raw, clock),
            RetryAfter = RetryAfterOf(raw, clock),
            ShouldRetry = Last(raw, "x-should-retry")?.Trim().ToUpperInvariant() switch { "TRUE" => true, "FALSE" => false, _ => null },
            RequestId = Last(raw, "request-id") ?? Last(raw, "x-request-id") ?? Last(raw, "apim-request-id"),
        };
    }

    private static RateLimitReading? LimitsOf(HttpHeadersNonValidated headers, DateTimeOffset clock)
    {
        var limits = new RateLimitReading
        {
            Requests = Strictest(
                Limit(headers, "anthropic-ratelimit-requests-{0}", clock),
                Limit(headers, "x-ratelimit-{0}-requests", clock),
                Limit(headers, "x-ratelimit-{0}-project-requests", clock)),
            InputTokens = Strictest(
                Limit(headers, "anthropic-ratelimit-input-tokens-{0}", clock, AnthropicRounding),
                Limit(headers, "anthropic-fast-input-tokens-{0}", clock, AnthropicRounding)),
            OutputTokens = Strictest(
                Limit(headers, "anthropic-ratelimit-output-tokens-{0}", clock, AnthropicRounding),
                Limit(headers, "anthropic-fast-output-tokens-{0}", clock, AnthropicRounding)),
            TotalTokens = Strictest(
                Limit(headers, "anthropic-ratelimit-tokens-{0}", clock, AnthropicRounding),
                Limit(headers, "x-ratelimit-{0}-tokens", clock),
                Limit(headers, "x-ratelimit-{0}-project-tokens", clock),
                Limit(headers, "x-ratelimit-{0}-tokens_usage_based", clock)),
        };
        return limits is { Requests: null, InputTokens: null, OutputTokens: null, TotalTokens: null } ? null : limits;
    }

    /// <summary>Several limits of the same thing, of which each holds: organization and project, for example.</summary>
    private static LimitReading? Strictest(params ReadOnlySpan<LimitReading?> limits)
    {
        LimitReading? strictest = null;
        foreach (var limit in limits)
        {
            if (limit is not { } next)
                continue;
            strictest = strictest is not { } known ? next : new LimitReading(
                Least(known.Limit, next.Limit),
                Least(known.Remaining, next.Remaining),
                known.ResetAfter is null || next.ResetAfter > known.ResetAfter ? next.ResetAfter : known.ResetAfter,
                Math.Max(known.RoundedTo, next.RoundedTo));
        }

        return strictest;

        static long? Least(long? left, long? right) => left is null ? right : right is null ? left : Math.Min(left.Value, right.Value);
    }

    private static TimeSpan? RetryAfterOf(HttpHeadersNonValidated headers, DateTimeOffset clock)
    {
        TimeSpan? longest = null;
        Take("Retry-After", text => HeaderDuration.Number(text, TimeSpan.FromSeconds(1)) ?? (DateOf(text) is { } at ? Positive(at - clock) : null));
        Take("retry-after-ms", static text => HeaderDuration.Number(text, TimeSpan.FromMilliseconds(1)));
        Take("x-ms-retry-after-ms", static text => HeaderDuration.Number(text, TimeSpan.FromMilliseconds(1)));
        return longest;

        void Take(string name, Func<string, TimeSpan?> read)
        {
            if (!headers.TryGetValues(name, out var values))
                return;
            foreach (var value in values)
                if (read(value) is { } wait && !(wait <= longest))
                    longest = wait;
        }
    }

    /// <summary>The three headers of one limit. A limit that is not positive is Azure's way to say that it knows none.</summary>
    private static LimitReading? Limit(HttpHeadersNonValidated headers, string pattern, DateTimeOffset clock, long roundedTo = 1)
    {
        var limit = Count(headers, Name("limit"));
        if (limit <= 0)
            return null;
        var remaining = Count(headers, Name("remaining"));
        var reading = new LimitReading(limit, remaining >= 0 ? remaining : null, Reset(headers, Name("reset"), clock), roundedTo);
        return reading is { Limit: null, Remaining: null, ResetAfter: null } ? null : reading;

        string Name(string what) => pattern.Replace("{0}", what, StringComparison.Ordinal);
    }

    /// <summary>The smallest of repeated headers: a proxy may add its own.</summary>
    private static long? Count(HttpHeadersNonValidated headers, string name)
    {
        if (!headers.TryGetValues(name, out var values))
            return null;
        long? least = null;
        foreach (var value in values)
            if (long.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var count)
                && !(count >= least))
                least = count;
        return least;
    }

    private static TimeSpan? Reset(HttpHeadersNonValidated headers, string name, DateTimeOffset clock)
    {
        if (!headers.TryGetValues(name, out var values))
            return null;
        TimeSpan? longest = null;
        foreach (var value in values)
        {
            var reset = HeaderDuration.Number(value, TimeSpan.FromSeconds(1))
                ?? HeaderDuration.Go(value)
                ?? (DateOf(value) is { } at ? Positive(at - clock) : null);
            if (reset <= LongestReset && !(reset <= longest))
                longest = reset;
        }

        return longest;
    }

    private static DateTimeOffset? Instant(HttpHeadersNonValidated headers, string name) => Last(headers, name) is { } text ? DateOf(text) : null;

    private static string? Last(HttpHeadersNonValidated headers, string name)
    {
        if (!headers.TryGetValues(name, out var values))
            return null;
        string? last = null;
        foreach (var value in values)
            last = value;
        return string.IsNullOrWhiteSpace(last) ? null : last;
    }

    /// <summary>An HTTP date in its three forms, or one of RFC 3339.</summary>
    private static DateTimeOffset? DateOf(string text)
    {
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces;
        return DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, Styles, out var at) ? at : null;
    }

    private static readonly string[] Formats =
    [
        "r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy",
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
