using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary><c>POST /v1/messages</c>: reads, judges, admits, answers, bills. The life of a request from top to bottom.</summary>
internal sealed class MessagesEndpoint(SimulatorOptions options, Provider provider, CancellationToken stopping)
{
    private const int MaxBodyBytes = 32 * 1024 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var cancellationToken = linked.Token;
        var exchange = provider.Arrive(Header(context, options.ClientIdHeader));
        ResponseHeaders.AddIdentity(context.Response, exchange.Number);
        try
        {
            await AnswerAsync(context, exchange, cancellationToken);
        }
        catch (RequestRejectedException rejected)
        {
            await SendErrorAsync(new ErrorReply(rejected.Status, rejected.Type, rejected.Message));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception error) when (error is not ConnectionCutException && !context.Response.HasStarted)
        {
            // The responder or the fault plan of the test failed: say so where the test looks, and let no client hide it by retrying.
            await SendErrorAsync(new ErrorReply(500, "api_error", $"The simulator's responder failed: {error.Message}") { IsFinal = true });
        }

        Task SendErrorAsync(ErrorReply error) => error.SendAsync(context.Response, provider, exchange, exchange.Number, cancellationToken);
    }

    private async Task AnswerAsync(HttpContext context, Exchange exchange, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(context, exchange, cancellationToken);
        CheckHeaders(context);
        var wire = WireRequestReader.Read(body);
        var prompt = PromptLayout.Of(wire);
        var model = provider.Recognise(exchange, wire.Model, prompt.Count == 0 ? 0 : prompt[^1].PrefixTokens);
        ConversationRules.Check(wire, model);
        CheckSize(wire, model, exchange.PromptTokens);

        var request = RequestView.Of(wire, exchange, context.Request.Headers);
        var fault = options.Faults?.Invoke(request);
        provider.Play(exchange, fault);
        if (await FailAsync(context, exchange, fault, cancellationToken))
            return;

        if (provider.Admit(model, prompt, out var refusal) is not { } lookup)
        {
            await ErrorReply.RateLimit(refusal!.Value).SendAsync(context.Response, provider, exchange, exchange.Number, cancellationToken);
            return;
        }

        var reply = GeneratedReply.Of(await options.Responder(request, cancellationToken), wire.MaxTokens, wire.StopSequences);
        await provider.Clock.WaitAsync(options.Latency.TimeToFirstToken, cancellationToken);
        provider.Begin(exchange, lookup);
        var sender = new ReplySender(provider, options.Latency, exchange, reply, lookup.Usage);
        var isCut = fault?.Kind == SimulatedFaultKind.CutStreamAfterEvents;
        if (wire.Stream)
            await sender.SendStreamAsync(context.Response, isCut ? fault!.Events : null, cancellationToken);
        else
            await sender.SendWholeAsync(context.Response, isCut, cancellationToken);
    }

    /// <summary>Plays what happens before the model is asked; whether that was the answer.</summary>
    private async Task<bool> FailAsync(HttpContext context, Exchange exchange, SimulatedFault? fault, CancellationToken cancellationToken)
    {
        ErrorReply? error = null;
        switch (fault?.Kind)
        {
            case SimulatedFaultKind.Overloaded529:
                error = ErrorReply.Overloaded;
                break;
            case SimulatedFaultKind.InternalError500:
                error = ErrorReply.Internal;
                break;
            case SimulatedFaultKind.SpendLimit429:
                error = ErrorReply.SpendLimit;
                break;
            case SimulatedFaultKind.DelayHeaders:
                await provider.Clock.WaitAsync(fault.Delay, cancellationToken);
                break;
        }

        if (error is null)
            return false;
        await error.SendAsync(context.Response, provider, exchange, exchange.Number, cancellationToken);
        return true;
    }

    private async Task<byte[]> ReadBodyAsync(HttpContext context, Exchange exchange, CancellationToken cancellationToken)
    {
        var callId = Header(context, options.CallIdHeader);
        provider.Identify(exchange, callId);
        if (context.Request.ContentLength > MaxBodyBytes)
            throw TooLarge();

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > MaxBodyBytes)
                throw TooLarge();
            buffer.Write(chunk, 0, read);
        }

        var body = buffer.ToArray();
        if (callId.Length == 0)
            provider.Identify(exchange, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(body))}");
        return body;
    }

    private void CheckHeaders(HttpContext context)
    {
        // Both ways are in use: the REST documentation names x-api-key, the official C# client sends its key as a bearer token.
        if (options.ApiKey is { } key && Header(context, "x-api-key") != key && Header(context, "authorization") != $"Bearer {key}")
            throw new RequestRejectedException(401, "authentication_error", "invalid x-api-key");
        if (Header(context, "anthropic-version").Length == 0)
            throw RequestRejectedException.Invalid("anthropic-version: header is required");
    }

    private static void CheckSize(WireRequest wire, SimulatedModel model, int promptTokens)
    {
        if (wire.MaxTokens > model.MaxOutputTokens)
        {
            throw RequestRejectedException.Invalid(
                $"max_tokens: {wire.MaxTokens} > {model.MaxOutputTokens}, which is the maximum allowed number of output tokens for {model.Id}");
        }

        if (promptTokens > model.MaxInputTokens)
            throw RequestRejectedException.Invalid($"prompt is too long: {promptTokens} tokens > {model.MaxInputTokens} maximum");
    }

    private static RequestRejectedException TooLarge() => new(413, "request_too_large", "Request exceeds the maximum size");

    private static string Header(HttpContext context, string name) => context.Request.Headers[name].ToString();
}
