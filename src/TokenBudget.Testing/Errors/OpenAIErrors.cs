namespace TokenBudget.Testing;

/// <summary>The errors of OpenAI's Chat Completions API. Codes are documented, wording is from public error reports.</summary>
public static class OpenAIErrors
{
    private const string Limits = "Visit https://platform.openai.com/account/rate-limits to learn more.";

    /// <summary>400: the request is malformed.</summary>
    public static SimulatedError InvalidRequest { get; } = new(400, "invalid_request_error", "Missing required parameter: 'messages'.")
    {
        Param = "messages",
        Code = "missing_required_parameter",
    };

    /// <summary>400: the prompt does not fit into the model.</summary>
    public static SimulatedError ContextLengthExceeded { get; } = new(
        400,
        "invalid_request_error",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130001 tokens. Please reduce the length of the messages.")
    {
        Param = "messages",
        Code = "context_length_exceeded",
    };

    /// <summary>401: the key is wrong.</summary>
    public static SimulatedError InvalidApiKey { get; } = new(
        401,
        "invalid_request_error",
        "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.")
    {
        Code = "invalid_api_key",
    };

    /// <summary>403: not from there.</summary>
    public static SimulatedError Forbidden { get; } = new(403, "request_forbidden", "Country, region, or territory not supported")
    {
        Code = "unsupported_country_region_territory",
    };

    /// <summary>404: there is no such model.</summary>
    public static SimulatedError ModelNotFound { get; } = new(
        404, "invalid_request_error", "The model `no-such-model` does not exist or you do not have access to it.")
    {
        Code = "model_not_found",
    };

    /// <summary>429: too many tokens a minute, free again in 174 ms; with <c>retry-after</c> in whole seconds and in milliseconds.</summary>
    public static SimulatedError TokenRateLimit { get; } = new(
        429,
        "tokens",
        "Rate limit reached for gpt-4o in organization org-simulated on tokens per min (TPM): "
        + $"Limit 30000, Used 18928, Requested 11159. Please try again in 174ms. {Limits}")
    {
        Code = "rate_limit_exceeded",
        RetryAfter = SimulatedRetryAfter.Of(TimeSpan.FromMilliseconds(174), withMilliseconds: true),
        WaitInWords = TimeSpan.FromMilliseconds(174),
    };

    /// <summary>429: too many requests a minute, free again in 20 s; without <c>retry-after</c>, as older descriptions have it.</summary>
    public static SimulatedError RequestRateLimit { get; } = new(
        429,
        "requests",
        "Rate limit reached for gpt-4o in organization org-simulated on requests per min (RPM): "
        + $"Limit 3, Used 3, Requested 1. Please try again in 20s. {Limits}")
    {
        Code = "rate_limit_exceeded",
        WaitInWords = TimeSpan.FromSeconds(20),
    };

    /// <summary>429 for a request larger than the whole limit: it never fits, so never retry. The code is that of the others.</summary>
    public static SimulatedError RequestTooLarge { get; } = new(
        429,
        "tokens",
        "Request too large for gpt-4o in organization org-simulated on tokens per min (TPM): "
        + $"Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully. {Limits}")
    {
        Code = "rate_limit_exceeded",
        MayBeRetried = false,
    };

    /// <summary>429: traffic grew too fast. Back to the old rate, hold it for 15 minutes, then grow slowly.</summary>
    public static SimulatedError SlowDown { get; } = new(
        429, "rate_limit_error", "Your request rate increased too quickly. Please reduce your request rate to its original level and increase it gradually.")
    {
        Code = "slow_down",
    };

    /// <summary>429: the older wording of no money. Never retry.</summary>
    public static SimulatedError InsufficientQuota { get; } = Money(
        "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.");

    /// <summary>429: prepaid money is used up. Never retry.</summary>
    public static SimulatedError CreditBalanceExhausted { get; } = Money("credit_balance_exhausted", "Your credit balance is exhausted.");

    /// <summary>429: the organisation's spend limit. Never retry.</summary>
    public static SimulatedError OrganizationSpendLimit { get; } = Money(
        "organization_spend_limit_exceeded", "Your organization's spend limit has been exceeded.");

    /// <summary>429: the project's spend limit. Never retry.</summary>
    public static SimulatedError ProjectSpendLimit { get; } = Money("project_spend_limit_exceeded", "Your project's spend limit has been exceeded.");

    /// <summary>429: what the organisation may use at all. Never retry.</summary>
    public static SimulatedError OrganizationUsageLimit { get; } = Money(
        "organization_usage_limit_exceeded", "Your organization's usage limit has been exceeded.");

    /// <summary>500: something broke.</summary>
    public static SimulatedError Internal { get; } = new(
        500, "server_error", "The server had an error while processing your request. Sorry about that!");

    /// <summary>502 from a proxy, as a page.</summary>
    public static SimulatedError BadGatewayHtml { get; } = AnthropicErrors.BadGatewayHtml;

    /// <summary>503: everybody wants something at once.</summary>
    public static SimulatedError Overloaded { get; } = new(
        503, "service_unavailable_error", "The server is currently overloaded with other requests. Please try again later.")
    {
        Code = "server_is_overloaded",
    };

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, SimulatedError> All { get; } = new Dictionary<string, SimulatedError>
    {
        [nameof(InvalidRequest)] = InvalidRequest,
        [nameof(ContextLengthExceeded)] = ContextLengthExceeded,
        [nameof(InvalidApiKey)] = InvalidApiKey,
        [nameof(Forbidden)] = Forbidden,
        [nameof(ModelNotFound)] = ModelNotFound,
        [nameof(TokenRateLimit)] = TokenRateLimit,
        [nameof(RequestRateLimit)] = RequestRateLimit,
        [nameof(RequestTooLarge)] = RequestTooLarge,
        [nameof(SlowDown)] = SlowDown,
        [nameof(InsufficientQuota)] = InsufficientQuota,
        [nameof(CreditBalanceExhausted)] = CreditBalanceExhausted,
        [nameof(OrganizationSpendLimit)] = OrganizationSpendLimit,
        [nameof(ProjectSpendLimit)] = ProjectSpendLimit,
        [nameof(OrganizationUsageLimit)] = OrganizationUsageLimit,
        [nameof(Internal)] = Internal,
        [nameof(BadGatewayHtml)] = BadGatewayHtml,
        [nameof(Overloaded)] = Overloaded,
    };

    private static SimulatedError Money(string code, string message) => new(429, "insufficient_quota", message) { Code = code, MayBeRetried = false };
}
