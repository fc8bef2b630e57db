namespace TokenBudget.Testing;

/// <summary>The errors of Anthropic's Messages API. Types, statuses and codes are documented, wording is from public error reports.</summary>
public static class AnthropicErrors
{
    /// <summary>400: the request is malformed.</summary>
    public static SimulatedError InvalidRequest { get; } = new(400, "invalid_request_error", "messages: Input should be a valid list");

    /// <summary>400: the spend limit that the customer set for itself is reached. About money: never retry.</summary>
    public static SimulatedError UsageLimitReached { get; } = new(
        400,
        "invalid_request_error",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.");

    /// <summary>401: the key is wrong.</summary>
    public static SimulatedError Authentication { get; } = new(401, "authentication_error", "invalid x-api-key");

    /// <summary>402: the payment failed. About money: never retry.</summary>
    public static SimulatedError Billing { get; } = new(402, "billing_error", "There is an issue with your billing or payment information.");

    /// <summary>403: the key may not do this.</summary>
    public static SimulatedError Permission { get; } = new(403, "permission_error", "Your API key does not have permission to use the specified resource.");

    /// <summary>404: there is no such model.</summary>
    public static SimulatedError NotFound { get; } = new(404, "not_found_error", "model: no-such-model");

    /// <summary>409: another request is in the way.</summary>
    public static SimulatedError Conflict { get; } = new(409, "conflict_error", "The request conflicts with another one.");

    /// <summary>413: the body is larger than 32 MB.</summary>
    public static SimulatedError RequestTooLarge { get; } = new(413, "request_too_large", "Request exceeds the maximum size");

    /// <summary>413 from the proxy in front of the API, as a page.</summary>
    public static SimulatedError RequestTooLargeHtml { get; } = RequestTooLarge with
    {
        Html = "<html><head><title>413 Request Entity Too Large</title></head><body><center><h1>413 Request Entity Too Large</h1></center></body></html>",
    };

    /// <summary>429: too many tokens a minute; with <c>retry-after</c>.</summary>
    public static SimulatedError RateLimit { get; } = new(
        429,
        "rate_limit_error",
        "This request would exceed the rate limit for your organization of 20,000 input tokens per minute.")
    {
        RetryAfter = SimulatedRetryAfter.Seconds(10),
    };

    /// <summary>429: traffic grew too fast; with <c>retry-after</c>.</summary>
    public static SimulatedError Acceleration { get; } = new(
        429,
        "rate_limit_error",
        "This request would exceed your organization's maximum usage increase rate for input tokens per minute. "
        + "Please scale up your input tokens usage more gradually to maintain high acceptance rate.")
    {
        RetryAfter = SimulatedRetryAfter.Seconds(10),
    };

    /// <summary>429 without <c>retry-after</c>: the organisation's spend limit. About money: never retry.</summary>
    public static SimulatedError SpendLimit { get; } = new(429, "rate_limit_error", "This request would exceed your organization's spend limit.")
    {
        Code = "enforced_spend_limit_reached",
        MayBeRetried = false,
    };

    /// <summary>500: something broke.</summary>
    public static SimulatedError Internal { get; } = new(500, "api_error", "Internal server error");

    /// <summary>502 from a proxy, as a page.</summary>
    public static SimulatedError BadGatewayHtml { get; } = new(502, "bad_gateway", "Bad gateway")
    {
        Html = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>",
    };

    /// <summary>503 with a type that no list has: clients must not fall over it.</summary>
    public static SimulatedError UnknownType { get; } = new(503, "surprising_error", "Something new happened.");

    /// <summary>504: it took too long.</summary>
    public static SimulatedError Timeout { get; } = new(504, "timeout_error", "The request timed out.");

    /// <summary>529: everybody wants something at once.</summary>
    public static SimulatedError Overloaded { get; } = new(529, "overloaded_error", "Overloaded");

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, SimulatedError> All { get; } = new Dictionary<string, SimulatedError>
    {
        [nameof(InvalidRequest)] = InvalidRequest,
        [nameof(UsageLimitReached)] = UsageLimitReached,
        [nameof(Authentication)] = Authentication,
        [nameof(Billing)] = Billing,
        [nameof(Permission)] = Permission,
        [nameof(NotFound)] = NotFound,
        [nameof(Conflict)] = Conflict,
        [nameof(RequestTooLarge)] = RequestTooLarge,
        [nameof(RequestTooLargeHtml)] = RequestTooLargeHtml,
        [nameof(RateLimit)] = RateLimit,
        [nameof(Acceleration)] = Acceleration,
        [nameof(SpendLimit)] = SpendLimit,
        [nameof(Internal)] = Internal,
        [nameof(BadGatewayHtml)] = BadGatewayHtml,
        [nameof(UnknownType)] = UnknownType,
        [nameof(Timeout)] = Timeout,
        [nameof(Overloaded)] = Overloaded,
    };
}
