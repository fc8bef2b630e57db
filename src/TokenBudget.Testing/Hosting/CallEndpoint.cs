using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>A request to a model: reads, judges, admits, answers, bills. The life of a request from top to bottom, in any dialect.</summary>
internal sealed class CallEndpoint(SimulatorOptions options, Provider provider, CancellationToken stopping)
{
    private int _strays;

    public async Task HandleAsync(HttpContext context, Dialect dialect)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var cancellationToken = linked.Token;
        _ = int.TryParse(Header(context, "x-stainless-retry-count"), NumberStyles.None, CultureInfo.InvariantCulture, out var retries);
        var exchange = provider.Arrive(dialect, context.Connection.Id, Header(context, options.ClientIdHeader), dialect.KeyOf(context.Request.Headers), retries);
        dialect.AddIdentity(context.Response.Headers, exchange.Number);
        try
        {
            await AnswerAsync(context, exchange, cancellationToken);
        }
        catch (RequestRejectedException rejected)
        {
            await FailAsync(context, exchange, rejected.Error, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (ConnectionCutException cut) when (cut.EndsCleanly || context.RequestAborted.IsCancellationRequested)
        {
            provider.Cut(exchange);
        }
        catch (ConnectionCutException)
        {
            provider.Cut(exchange);
            throw;
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            // The responder or the fault plan of the test failed: say so where the test looks, and let no client hide it by retrying.
            await FailAsync(context, exchange, dialect.Failed($"The simulator's responder failed: {error.Message}"), cancellationToken);
        }
        finally
        {
            provider.End(exchange);
        }
    }

    /// <summary>A path or method that nobody serves. Strays are not in the log.</summary>
    public Task RefuseAsync(HttpContext context, Dialect dialect, SimulatedError error)
    {
        // Numbered apart, below zero, so that the numbers in the log have no gaps.
        var number = Interlocked.Decrement(ref _strays);
        dialect.AddIdentity(context.Response.Headers, number);
        return SendErrorAsync(context, dialect, exchange: null, number, error, context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context, Exchange exchange, CancellationToken cancellationToken)
    {
        var dialect = exchange.Dialect;
        var body = await ReadBodyAsync(context, exchange, cancellationToken);
        if (options.ApiKey is { } key && exchange.Key != key && !options.WorkspaceLimits.ContainsKey(exchange.Key))
            throw new RequestRejectedException(dialect.WrongKey(exchange.Key));
        var call = dialect.Read(context.Request, body);
        var model = provider.Recognise(exchange, call);
        call.Check(model);

        var request = View(call, model, exchange, context.Request.Headers);
        provider.Continue(exchange, request.Messages);
        var fault = options.Faults?.Invoke(request);
        provider.Play(exchange, fault);
        var content = new ContentWriter(context, provider.Clock, fault, options.MaxSilence, cancellationToken);
        await provider.Clock.WaitAsync(fault?.Delay ?? TimeSpan.Zero, cancellationToken);
        if (fault is { Break: { } how, BeforeHeaders: true })
            await content.BreakAsync(how);
        if (fault?.ErrorFor(dialect.Name) is { } error)
        {
            await FailAsync(context, exchange, error, cancellationToken);
            return;
        }

        if (provider.Admit(exchange, call, out var refusal) is not { } lookup)
        {
            await FailAsync(context, exchange, dialect.RateLimit(refusal!.Value, model.Id), cancellationToken);
            return;
        }

        var reply = GeneratedReply.Of(await options.Responder(request, cancellationToken), request.MaxTokens, call.StopSequences);
        await provider.Clock.WaitAsync(options.Latency.TimeToFirstToken, cancellationToken);
        provider.Begin(exchange, lookup);
        var outgoing = new OutgoingReply
        {
            Number = exchange.Number,
            CreatedAt = provider.Clock.Now,
            Call = call,
            Reply = reply,
            Usage = lookup.Usage,
            Fault = fault,
        };
        var sender = new ReplySender(provider, options.Latency, exchange, outgoing, content);
        if (call.Stream)
        {
            context.Response.Headers.CacheControl = "no-cache";
            await sender.SendStreamAsync(AddHeaders, cancellationToken);
        }
        else
        {
            await sender.SendWholeAsync(AddHeaders, cancellationToken);
        }

        void AddHeaders() => ResponseHeaders.Add(context.Response.Headers, provider, dialect, exchange);
    }

    private static SimulatedRequest View(WireCall call, SimulatedModel model, Exchange exchange, IHeaderDictionary headers)
    {
        var view = call.View();
        return new SimulatedRequest
        {
            Number = exchange.Number,
            Dialect = exchange.Dialect.Name,
            ArrivedAt = exchange.ArrivedAt,
            ClientId = exchange.ClientId,
            CallId = exchange.CallId,
            Attempt = exchange.Attempt,
            Model = call.Model,
            MaxTokens = call.MaxTokens ?? model.MaxOutputTokens,
            Stream = call.Stream,
            System = view.System,
            Messages = view.Messages,
            Tools = view.Tools,
            ResponseFormat = view.ResponseFormat,
            Headers = headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            InputTokens = exchange.PromptTokens,
            Body = call.Body,
        };
    }

    private Task FailAsync(HttpContext context, Exchange exchange, SimulatedError error, CancellationToken cancellationToken)
    {
        provider.Fail(exchange, error);
        return SendErrorAsync(context, exchange.Dialect, exchange, exchange.Number, error, cancellationToken);
    }

    private async Task SendErrorAsync(HttpContext context, Dialect dialect, Exchange? exchange, int number, SimulatedError error, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.StatusCode = error.Status;
        ResponseHeaders.Add(response.Headers, provider, dialect, exchange, error.RetryAfter);
        if (error.ShouldRetry is { } shouldRetry)
            response.Headers["x-should-retry"] = shouldRetry ? "true" : "false";
        var body = error.Html is { } page ? System.Text.Encoding.UTF8.GetBytes(page) : dialect.ErrorBody(error, number);
        var content = new ContentWriter(context, provider.Clock, exchange?.Fault is { } fault ? fault with { Break = null } : null, options.MaxSilence, cancellationToken);
        await content.StartAsync(error.Html is null ? "application/json" : "text/html", body.Length);
        await content.WriteAsync(body);
        await content.EndAsync();
    }

    private async Task<byte[]> ReadBodyAsync(HttpContext context, Exchange exchange, CancellationToken cancellationToken)
    {
        var callId = Header(context, options.CallIdHeader) is { Length: > 0 } told ? told : Header(context, "idempotency-key");
        if (callId.Length > 0)
            provider.Identify(exchange, callId);
        var most = exchange.Dialect.MaxBodyBytes;
        if (context.Request.ContentLength > most)
            throw new RequestRejectedException(exchange.Dialect.BodyTooLarge);

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > most)
                throw new RequestRejectedException(exchange.Dialect.BodyTooLarge);
            buffer.Write(chunk, 0, read);
        }

        var body = buffer.ToArray();
        if (callId.Length == 0)
            provider.Identify(exchange, callId: null, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(body))}");
        return body;
    }

    private static string Header(HttpContext context, string name) => context.Request.Headers[name].ToString();
}
