using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>An error as the provider words it.</summary>
internal sealed record ErrorReply(int Status, string Type, string Message)
{
    /// <summary>Sent as <c>retry-after</c>, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Sent as <c>error.details.error_code</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Whether to ask the official clients, which obey <c>x-should-retry</c>, not to retry.</summary>
    public bool IsFinal { get; init; }

    public static ErrorReply Overloaded { get; } = new(529, "overloaded_error", "Overloaded");

    public static ErrorReply Internal { get; } = new(500, "api_error", "Internal server error");

    public static ErrorReply SpendLimit { get; } =
        new(429, "rate_limit_error", "This request would exceed your organization's spend limit.") { Code = "enforced_spend_limit_reached" };

    public static ErrorReply RateLimit(RateLimitRefusal refusal) => new(
        429,
        "rate_limit_error",
        string.Create(
            CultureInfo.InvariantCulture,
            $"This request would exceed the rate limit for your organization of {refusal.Limit:N0} {refusal.Unit} per minute."))
    {
        RetryAfterSeconds = refusal.RetryAfterSeconds,
    };

    public async Task SendAsync(HttpResponse response, Provider provider, Exchange? exchange, int number, CancellationToken cancellationToken)
    {
        if (exchange is not null)
            provider.Fail(exchange, Status, Type, Message, RetryAfterSeconds is { } wait ? TimeSpan.FromSeconds(wait) : null);

        response.StatusCode = Status;
        ResponseHeaders.AddLimits(response, provider, exchange);
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (IsFinal)
            response.Headers["x-should-retry"] = "false";
        response.ContentType = "application/json";
        var body = WireJson.Error(Type, Message, ResponseHeaders.RequestId(number), Code);
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }
}
