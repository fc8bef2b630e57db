using System.Net;
using System.Text.Json;
using TokenBudget.Retries;
using static TokenBudget.Retries.ProviderErrorKind;

namespace TokenBudget.Tests.Retries;

/// <summary>Every error body the two providers are known to send is what it is, and only what may succeed later is tried again.</summary>
public sealed class ProviderErrorTests
{
    private const string AnthropicRate = """{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed the rate limit for your organization of 20,000 input tokens per minute."},"request_id":"req_1"}""";
    private const string AnthropicEnforced = """{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's spend limit.","details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"req_1"}""";
    private const string AnthropicOwnLimit = """{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}""";
    private const string OpenAIRate = """{"error":{"message":"Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Used 18928, Requested 11159. Please try again in 174ms. Visit https://example.com to learn more.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""";
    private const string OpenAIRequests = """{"error":{"message":"Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.","type":"requests","param":null,"code":"rate_limit_exceeded"}}""";
    private const string OpenAITooLarge = """{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""";

    private static string Anthropic(string type, string message = "m") => $$"""{"type":"error","error":{"type":"{{type}}","message":"{{message}}"},"request_id":"req_1"}""";

    private static string OpenAI(string? type, string? code, string message = "m") =>
        JsonSerializer.Serialize(new { error = new { message, type, param = (string?)null, code } });

    public static TheoryData<string, int, string, ProviderErrorKind> Bodies => new()
    {
        // Anthropic
        { "speed", 429, AnthropicRate, RateLimited },
        { "enforced spend limit", 429, AnthropicEnforced, SpendLimit },
        { "own spend limit", 400, AnthropicOwnLimit, SpendLimit },
        { "no credit", 400, Anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), SpendLimit },
        { "billing", 402, Anthropic("billing_error"), SpendLimit },
        { "invalid", 400, Anthropic("invalid_request_error", "max_tokens: Field required"), Invalid },
        { "prompt quotes money", 400, Anthropic("invalid_request_error", "messages.0: 'You have reached your specified API usage limits' is not allowed"), Invalid },
        { "too long", 400, Anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), ContextOverflow },
        { "too long with answer", 400, Anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"), ContextOverflow },
        { "no key", 401, Anthropic("authentication_error"), Authentication },
        { "forbidden", 403, Anthropic("permission_error"), Authentication },
        { "no model", 404, Anthropic("not_found_error"), Invalid },
        { "conflict", 409, Anthropic("conflict_error"), Transient },
        { "body too large", 413, Anthropic("request_too_large"), TooLarge },
        { "body too large, by the proxy", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", TooLarge },
        { "internal", 500, Anthropic("api_error", "Internal server error"), Transient },
        { "timeout", 504, Anthropic("timeout_error"), Transient },
        { "overloaded", 529, Anthropic("overloaded_error", "Overloaded"), Overloaded },
        { "overloaded inside a stream", 200, Anthropic("overloaded_error", "Overloaded"), Overloaded },
        { "internal inside a stream", 200, Anthropic("api_error"), Transient },
        { "a type nobody knows", 529, Anthropic("brand_new_error"), Overloaded },
        { "a type nobody knows", 418, Anthropic("brand_new_error"), Invalid },
        { "grew too fast", 429, Anthropic("rate_limit_error", "This request would exceed your organization's maximum usage increase rate for input tokens per minute."), SlowDown },
        { "grew too fast", 429, Anthropic("rate_limit_error", "You have hit the acceleration limit of your organization."), SlowDown },
        { "no capacity for the fast mode", 429, Anthropic("rate_limit_error", "This request would exceed your rate limit of 0 fast mode input tokens per minute (org: o, model: claude-opus-5)."), TooLarge },
        // OpenAI
        { "tokens", 429, OpenAIRate, RateLimited },
        { "requests", 429, OpenAIRequests, RateLimited },
        { "can never fit", 429, OpenAITooLarge, TooLarge },
        { "quota", 429, OpenAI("insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."), SpendLimit },
        { "quota by type", 429, OpenAI("insufficient_quota", null), SpendLimit },
        { "credit", 429, OpenAI("insufficient_quota", "credit_balance_exhausted"), SpendLimit },
        { "organization's spend limit", 429, OpenAI(null, "organization_spend_limit_exceeded"), SpendLimit },
        { "project's spend limit", 429, OpenAI(null, "project_spend_limit_exceeded"), SpendLimit },
        { "organization's usage limit", 429, OpenAI(null, "organization_usage_limit_exceeded"), SpendLimit },
        { "hard limit", 400, OpenAI("invalid_request_error", "billing_hard_limit_reached"), SpendLimit },
        { "account closed", 429, OpenAI("billing_not_active", "billing_not_active"), SpendLimit },
        { "grew too fast", 429, OpenAI("rate_limit_error", "slow_down"), SlowDown },
        { "grew too fast", 503, OpenAI("service_unavailable_error", "slow_down"), SlowDown },
        { "grew too fast, in words", 503, OpenAI("service_unavailable_error", null, "Slow Down"), SlowDown },
        { "overloaded", 503, OpenAI("service_unavailable_error", "server_is_overloaded"), Overloaded },
        { "internal", 500, OpenAI("server_error", null), Transient },
        { "wrong key", 401, OpenAI("invalid_request_error", "invalid_api_key"), Authentication },
        { "country", 403, OpenAI("request_forbidden", "unsupported_country_region_territory"), Authentication },
        { "no model", 404, OpenAI("invalid_request_error", "model_not_found"), Invalid },
        { "context", 400, OpenAI("invalid_request_error", "context_length_exceeded"), ContextOverflow },
        { "context, in words", 400, OpenAI("invalid_request_error", null, "This model's maximum context length is 128000 tokens."), ContextOverflow },
        { "invalid", 400, OpenAI("invalid_request_error", null), Invalid },
        { "Azure's speed", 429, """{"error":{"code":"429","message":"Requests to the ChatCompletions operation have exceeded the token rate limit. Please retry after 6 seconds."}}""", RateLimited },
        { "error as a text", 429, """{"error":"Too many requests"}""", RateLimited },
        // No body worth reading.
        { "proxy", 502, "<html>Bad Gateway</html>", Transient },
        { "half JSON", 429, """{"type":"error","error":{"type":"rate_li""", RateLimited },
        { "empty", 503, "", Overloaded },
        { "an array", 500, "[1]", Transient },
        { "numbers where texts should be", 429, """{"error":{"type":1,"code":2,"message":3}}""", RateLimited },
        { "nothing said", 200, "", Unknown },
        { "request timeout", 408, "", Transient },
        { "payment", 402, "", SpendLimit },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_body_has_one_kind(string what, int status, string body, ProviderErrorKind kind)
    {
        var error = ProviderErrorReader.Read((HttpStatusCode)status, RateLimitHeaders.None, body);

        error.Kind.ShouldBe(kind, what);
        error.IsRetryable.ShouldBe(kind is RateLimited or SlowDown or Overloaded or Transient);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_provider_may_forbid_a_retry_but_its_wish_pays_no_bill(string what, int status, string body, ProviderErrorKind kind)
    {
        var error = ProviderErrorReader.Read((HttpStatusCode)status, RateLimitHeaders.None with { ShouldRetry = false }, body);
        error.IsRetryable.ShouldBeFalse(what);

        error = error with { ShouldRetry = true };
        error.IsRetryable.ShouldBe(kind is RateLimited or SlowDown or Overloaded or Transient or Unknown, what);
    }

    [Theory]
    [InlineData(OpenAIRate, 174)]
    [InlineData(OpenAIRequests, 20_000)]
    [InlineData("""{"error":{"code":"429","message":"Please retry after 6 seconds."}}""", 6_000)]
    [InlineData("""{"error":{"code":"429","message":"Please try again in 1m26.4s."}}""", 86_400)]
    [InlineData("""{"error":{"code":"429","message":"Please try again in a while."}}""", null)]
    [InlineData(AnthropicRate, null)]
    [InlineData(OpenAITooLarge, null)]
    public void A_wait_said_in_words_is_taken_where_there_is_no_header(string body, int? milliseconds)
    {
        ProviderErrorReader.Read(HttpStatusCode.TooManyRequests, RateLimitHeaders.None, body).RetryAfter
            .ShouldBe(milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null);
        ProviderErrorReader.Read(HttpStatusCode.TooManyRequests, RateLimitHeaders.None with { RetryAfter = TimeSpan.FromSeconds(3) }, body).RetryAfter
            .ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void What_goes_into_logs_does_not_quote_the_provider()
    {
        var error = ProviderErrorReader.Read(HttpStatusCode.BadRequest, RateLimitHeaders.None, Anthropic("invalid_request_error", "secret prompt"));

        error.Message.ShouldBe("secret prompt");
        error.ToString().ShouldBe("Invalid 400 (invalid_request_error)");
    }

    /// <summary>Cut and damaged bodies never throw, and a status that forbids a retry goes on forbidding it.</summary>
    [Fact]
    public void A_cut_body_is_classified_by_its_status()
    {
        var random = new Random(7);
        foreach (var row in Bodies)
        {
            var body = (string)row[2];
            for (var length = 0; length < body.Length; length++)
            {
                var text = body[..length].ToCharArray();
                if (length > 0 && length % 2 == 0)
                    text[random.Next(text.Length)] = (char)random.Next(1, 0x2FF);
                foreach (var status in (int[])[400, 401, 403, 404, 413, 429, 500, 529])
                    ProviderErrorReader.Read((HttpStatusCode)status, RateLimitHeaders.None, new string(text)).Kind
                        .ShouldBe(ProviderErrorReader.Read((HttpStatusCode)status, RateLimitHeaders.None, null).Kind, new string(text));
            }
        }
    }
}
