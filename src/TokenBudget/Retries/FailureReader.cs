using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace TokenBudget.Retries;

/// <summary>
/// Classifies an exception of any SDK: by what the handler saw on the wire, else by a status, an error in its text, or a lost connection somewhere in its causes.
/// </summary>
internal static class FailureReader
{
    /// <param name="exception">The exception, not the caller's own cancellation.</param>
    /// <param name="exchange">What was seen of the wire, where somebody looked.</param>
    /// <param name="statusOf">The status that an SDK's exception carries.</param>
    public static ProviderError Read(Exception exception, ProviderExchange? exchange, Func<Exception, HttpStatusCode?>? statusOf)
    {
        if (exchange?.Error is { } seen)
            return seen;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (((cause as HttpRequestException)?.StatusCode ?? statusOf?.Invoke(cause)) is { } status && status >= HttpStatusCode.BadRequest)
                return ProviderErrorReader.Read(status, RateLimitHeaders.None, JsonIn(cause.Message));
        // An error event inside a stream that began well: SDKs put it into their message.
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (JsonIn(cause.Message) is { } json && ProviderErrorReader.Read(status: null, RateLimitHeaders.None, json) is { Kind: not ProviderErrorKind.Unknown } told)
                return told with { Status = exchange?.Status };
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError }:
                    return Of(ProviderErrorKind.Connection) with { WasReached = false };
                case HttpRequestException or IOException or SocketException or TimeoutException or OperationCanceledException or IncompleteReplyException:
                    return Of(ProviderErrorKind.Connection);
                // Half a body under a good status.
                case JsonException when exchange?.Status is not null:
                    return Of(ProviderErrorKind.Transient);
            }
        }

        return Of(ProviderErrorKind.Unknown);

        ProviderError Of(ProviderErrorKind kind) => new() { Kind = kind, Status = exchange?.Status };
    }

    private static string? JsonIn(string message)
    {
        var start = message.IndexOf('{', StringComparison.Ordinal);
        var end = message.LastIndexOf('}');
        return start >= 0 && end > start ? message[start..(end + 1)] : null;
    }
}
