using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>OpenAI's Chat Completions API, and Azure's way of offering it.</summary>
internal sealed class OpenAIDialect(SimulatorOptions options) : Dialect
{
    private const string AzurePath = "/openai/deployments/";
    private const string Endpoint = "/chat/completions";

    public override SimulatedDialect Name => SimulatedDialect.OpenAI;

    // Documented: "unsuccessful requests contribute to your per-minute limit".
    public override bool CountsFailedRequests => true;

    // A comment, as some compatible servers send while they think.
    public override StreamFrame Ping { get; } = new(": keep-alive\n\n"u8.ToArray());

    public override SimulatedError BodyTooLarge { get; } = new(413, "invalid_request_error", "The request body is too large.");

    public static RequestRejectedException Invalid(string message, string? param = null, string? code = null) =>
        new(new SimulatedError(400, "invalid_request_error", message) { Param = param, Code = code });

    public override bool Serves(PathString path) => path == "/v1" + Endpoint || path == "/openai/v1" + Endpoint || Deployment(path) is not null;

    // Azure's keys come in a header of their own.
    public override string KeyOf(IHeaderDictionary headers)
    {
        const string Bearer = "Bearer ";
        var authorization = headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.Ordinal) ? authorization[Bearer.Length..] : headers["api-key"].ToString();
    }

    public override WireCall Read(HttpRequest request, ReadOnlySpan<byte> body) => CompletionCallReader.Read(body, Deployment(request.Path));

    public override PromptCacheLookup Look(PromptCache cache, SimulatedModel model, IReadOnlyList<PromptPart> prompt, DateTimeOffset now) =>
        cache.LookEverywhere(model, prompt, now);

    // Documented: the maximum of max_tokens and the estimated number of tokens, based on the character count. Cached tokens count too.
    public override LimitDemand Demand(WireCall call, SimulatedModel model, PromptUsage usage, SimulatedLimits rules) => new()
    {
        Total = Math.Max(call.MaxTokens ?? 0, ((CompletionCall)call).EstimatedTokens),
    };

    public override void AddIdentity(IHeaderDictionary headers, int number)
    {
        headers["x-request-id"] = FormattableString.Invariant($"req_sim_{number:D8}");
        if (options.IsAzure)
            headers["apim-request-id"] = headers["x-request-id"];
        headers["openai-version"] = "2020-10-01";
        headers["openai-organization"] = "org-simulated";
    }

    public override IEnumerable<KeyValuePair<string, string>> LimitHeaders(IReadOnlyList<LimitState> limits, DateTimeOffset now) =>
        OpenAILimitHeaders.Of(limits, options.IsAzure);

    public override string ReplyId(int number) => FormattableString.Invariant($"chatcmpl-sim{number:D8}");

    public override ReadOnlyMemory<byte> Whole(OutgoingReply reply) => CompletionJson.Whole(ReplyId(reply.Number), reply);

    public override IEnumerable<StreamFrame> Stream(OutgoingReply reply) => new CompletionStream(ReplyId(reply.Number), reply, options.StreamUsage).Frames();

    public override StreamFrame ErrorFrame(SimulatedError error, int number) => CompletionStream.Data(ErrorBody(error, number));

    public override ReadOnlyMemory<byte> ErrorBody(SimulatedError error, int number) => WireJson.Write(writer =>
    {
        writer.WriteStartObject("error");
        writer.WriteString("message", error.Message);
        writer.WriteString("type", error.Type);
        writer.WriteString("param", error.Param);
        writer.WriteString("code", error.Code);
        writer.WriteEndObject();
    });

    public override SimulatedError WrongKey(string key) => key.Length == 0
        ? OpenAIErrors.InvalidApiKey with { Message = "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.", Code = null }
        : OpenAIErrors.InvalidApiKey;

    public override SimulatedError ModelNotFound(string model) =>
        OpenAIErrors.ModelNotFound with { Message = $"The model `{model}` does not exist or you do not have access to it." };

    public override SimulatedError PathNotFound(string method, string path) => new(404, "invalid_request_error", $"Invalid URL ({method} {path})");

    public override SimulatedError MethodNotAllowed(string method) => new(405, "invalid_request_error", $"Not allowed to {method} on this path. (HINT: Perhaps you meant to use a different HTTP method?)")
    {
        Code = "method_not_supported",
    };

    public override SimulatedError RateLimit(RateLimitRefusal refusal, string model)
    {
        if (refusal.IsAcceleration)
            return OpenAIErrors.SlowDown with { RetryAfter = RetryAfter(refusal.Wait) };

        var (type, unit) = refusal.Unit switch
        {
            LimitUnit.Requests => ("requests", "requests per min (RPM)"),
            LimitUnit.RequestSpacing => ("requests", "requests per min (RPM)"),
            LimitUnit.RequestsPerDay => ("requests", "requests per day (RPD)"),
            LimitUnit.TokensPerDay => ("tokens", "tokens per day (TPD)"),
            _ => ("tokens", "tokens per min (TPM)"),
        };
        var who = refusal.IsWorkspace ? "project proj-simulated" : "organization org-simulated";
        const string More = "Visit https://platform.openai.com/account/rate-limits to learn more.";
        if (refusal.NeverFits)
        {
            return OpenAIErrors.RequestTooLarge with
            {
                Type = type,
                Message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Request too large for {model} in {who} on {unit}: Limit {refusal.Limit}, Requested {refusal.Requested}. "
                    + $"The input or output tokens must be reduced in order to run successfully. {More}"),
            };
        }

        return OpenAIErrors.TokenRateLimit with
        {
            Type = type,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"Rate limit reached for {model} in {who} on {unit}: Limit {refusal.Limit}, Used {refusal.Used}, Requested {refusal.Requested}. "
                + $"Please try again in {GoDuration.Format(refusal.Wait)}. {More}"),
            RetryAfter = RetryAfter(refusal.Wait),
            WaitInWords = GoDuration.WholeMilliseconds(refusal.Wait),
        };
    }

    public override SimulatedError Failed(string message) => new(500, "server_error", message) { ShouldRetry = false, MayBeRetried = false };

    private SimulatedRetryAfter? RetryAfter(TimeSpan wait) => options.SendsRetryAfter ? SimulatedRetryAfter.Of(wait, withMilliseconds: true) : null;

    /// <summary>The deployment that Azure's path names, in place of a model in the body.</summary>
    private static string? Deployment(PathString path)
    {
        var text = path.Value ?? "";
        if (!text.StartsWith(AzurePath, StringComparison.Ordinal) || !text.EndsWith(Endpoint, StringComparison.Ordinal) || text.Length <= AzurePath.Length + Endpoint.Length)
            return null;
        var name = text[AzurePath.Length..^Endpoint.Length];
        return name.Contains('/', StringComparison.Ordinal) ? null : name;
    }
}
