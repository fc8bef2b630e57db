using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>Anthropic's Messages API.</summary>
internal sealed class AnthropicDialect(SimulatorOptions options) : Dialect
{
    public override SimulatedDialect Name => SimulatedDialect.Anthropic;

    public override bool CountsFailedRequests => false;

    public override StreamFrame Ping { get; } = Event("ping", _ => { });

    public override SimulatedError BodyTooLarge => AnthropicErrors.RequestTooLarge;

    public static RequestRejectedException Invalid(string message) => new(new SimulatedError(400, "invalid_request_error", message));

    /// <summary>A frame: <c>event: X</c>, then <c>data:</c> with JSON of the same type.</summary>
    public static StreamFrame Event(string name, Action<Utf8JsonWriter> fields, int tokens = 0, bool isLast = false)
    {
        var data = WireJson.Write(writer =>
        {
            writer.WriteString("type", name);
            fields(writer);
        });
        return new StreamFrame((byte[])[.. Encoding.UTF8.GetBytes($"event: {name}\ndata: "), .. data.Span, (byte)'\n', (byte)'\n'], tokens, isLast);
    }

    public override bool Serves(PathString path) => path == "/v1/messages";

    // Both ways are in use: the REST documentation names x-api-key, the official C# client sends its key as a bearer token.
    public override string KeyOf(IHeaderDictionary headers)
    {
        const string Bearer = "Bearer ";
        var key = headers["x-api-key"].ToString();
        var authorization = headers.Authorization.ToString();
        return key.Length > 0 ? key : authorization.StartsWith(Bearer, StringComparison.Ordinal) ? authorization[Bearer.Length..] : "";
    }

    public override WireCall Read(HttpRequest request, ReadOnlySpan<byte> body) =>
        request.Headers["anthropic-version"].ToString().Length == 0
            ? throw Invalid("anthropic-version: header is required")
            : MessagesCallReader.Read(body);

    public override PromptCacheLookup Look(PromptCache cache, SimulatedModel model, IReadOnlyList<PromptPart> prompt, DateTimeOffset now) =>
        cache.LookAtMarkers(model, prompt, now);

    // Output is unknown in advance, so all that is asked is that the class is not in debt (inferred from "max_tokens does not factor in").
    public override LimitDemand Demand(WireCall call, SimulatedModel model, PromptUsage usage, SimulatedLimits rules)
    {
        var input = rules.CountsCachedInput ? usage.Total : usage.LimitCharge;
        var reserved = rules.ReservesMaxTokens ? call.MaxTokens ?? model.MaxOutputTokens : 0;
        return new LimitDemand { Input = input, OutputNeeded = Math.Max(1, reserved), OutputReserved = reserved, Total = input, ChargesOutputAsProduced = true };
    }

    public override void AddIdentity(IHeaderDictionary headers, int number)
    {
        headers["request-id"] = RequestId(number);
        headers["anthropic-organization-id"] = "org_simulated";
    }

    public override IEnumerable<KeyValuePair<string, string>> LimitHeaders(IReadOnlyList<LimitState> limits, DateTimeOffset now) =>
        // Azure Foundry sends none (documented), so clients must do without.
        options.IsAzure ? [] : AnthropicLimitHeaders.Of(limits, now, options.SendsPriorityHeaders);

    public override string ReplyId(int number) => FormattableString.Invariant($"msg_sim_{number:D8}");

    public override ReadOnlyMemory<byte> Whole(OutgoingReply reply) => MessageJson.Whole(ReplyId(reply.Number), reply);

    public override IEnumerable<StreamFrame> Stream(OutgoingReply reply) => MessageStream.Of(ReplyId(reply.Number), reply);

    public override StreamFrame ErrorFrame(SimulatedError error, int number) => Event("error", writer => MessageJson.Error(writer, error));

    public override ReadOnlyMemory<byte> ErrorBody(SimulatedError error, int number) => WireJson.Write(writer =>
    {
        writer.WriteString("type", "error");
        MessageJson.Error(writer, error);
        writer.WriteString("request_id", RequestId(number));
    });

    public override SimulatedError WrongKey(string key) => AnthropicErrors.Authentication;

    public override SimulatedError ModelNotFound(string model) => AnthropicErrors.NotFound with { Message = $"model: {model}" };

    public override SimulatedError PathNotFound(string method, string path) => AnthropicErrors.NotFound with { Message = "Not Found" };

    public override SimulatedError MethodNotAllowed(string method) => new(405, "invalid_request_error", "Method Not Allowed");

    public override SimulatedError RateLimit(RateLimitRefusal refusal, string model)
    {
        var who = refusal.IsWorkspace ? "workspace" : "organization";
        var message = refusal.IsAcceleration
            ? AnthropicErrors.Acceleration.Message
            : string.Create(CultureInfo.InvariantCulture, $"This request would exceed the rate limit for your {who} of {refusal.Limit:N0} {Unit(refusal.Unit)}.");
        return new SimulatedError(429, "rate_limit_error", message)
        {
            RetryAfter = options.SendsRetryAfter ? SimulatedRetryAfter.Of(refusal.Wait, withMilliseconds: false) : null,
        };
    }

    public override SimulatedError Failed(string message) => new(500, "api_error", message) { ShouldRetry = false, MayBeRetried = false };

    private static string RequestId(int number) => FormattableString.Invariant($"req_sim_{number:D8}");

    private static string Unit(LimitUnit unit) => unit switch
    {
        LimitUnit.InputTokens => "input tokens per minute",
        LimitUnit.OutputTokens => "output tokens per minute",
        LimitUnit.Tokens => "tokens per minute",
        LimitUnit.TokensPerDay => "tokens per day",
        LimitUnit.RequestsPerDay => "requests per day",
        LimitUnit.RequestSpacing => "requests per second",
        _ => "requests per minute",
    };
}
