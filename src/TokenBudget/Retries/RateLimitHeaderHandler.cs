using System.Text;

namespace TokenBudget.Retries;

/// <summary>
/// Listens in an SDK's HTTP pipeline: what a provider says in headers and error bodies, which SDKs keep to themselves, goes to the call that is
/// being made and to the rate limit it shares. It changes neither request nor response, waits for nothing and retries nothing.
/// </summary>
/// <remarks>
/// <para>Thread-safe; one instance for one client of an SDK. For Anthropic <c>new AnthropicClient { MaxRetries = 0, Handlers = [new
/// RateLimitHeaderHandler()] }</c>; for OpenAI an <see cref="HttpClient"/> over it in <c>HttpClientPipelineTransport</c>; in an
/// <c>IHttpClientFactory</c>, <c>AddHttpMessageHandler(() => new RateLimitHeaderHandler())</c>.</para>
/// <para>Requests that no budgeted client sends pass unseen.</para>
/// </remarks>
public sealed class RateLimitHeaderHandler : DelegatingHandler
{
    // What tells the kind of an error stands at the beginning.
    private const int MostBytes = 64 * 1024;

    // Said once and never taken back: it changes nothing but whether calls are made findable at all, which costs more than the rest of an attempt.
    private static volatile bool _exists;

    /// <summary>A handler that is put before another one by the SDK or the factory.</summary>
    public RateLimitHeaderHandler() => _exists = true;

    /// <summary>A handler before another one.</summary>
    /// <param name="innerHandler">Sends the requests.</param>
    public RateLimitHeaderHandler(HttpMessageHandler innerHandler)
        : base(innerHandler) => _exists = true;

    /// <summary>Whether there is any in the process, so that somebody may look for the exchange of a call.</summary>
    internal static bool Exists => _exists;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (ProviderExchange.Current is not { } exchange)
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        ArgumentNullException.ThrowIfNull(request);
        exchange.Sending(request);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            exchange.NotAnswered();
            throw;
        }

        if (response.IsSuccessStatusCode)
            exchange.Answered(response);
        else
            exchange.Refused(response, await BeginningOfBodyAsync(response, cancellationToken).ConfigureAwait(false));
        return response;
    }

    /// <summary>Reads a copy; the SDK still finds the whole body.</summary>
    private static async Task<string?> BeginningOfBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, MostBytes));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Cut off in the middle of the error: its status has arrived and tells enough, and the SDK finds out for itself.
            return null;
        }
    }
}
