using System.Net;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Access;

/// <summary>Whether a request comes from this machine, directly, and was meant for it.</summary>
internal static class LoopbackRule
{
    private const string WayOut = " Set RequireAuthorizationPolicy in MapTokenBudget to answer such requests.";

    // A request that was forwarded comes from the proxy's address, whoever sent it. The forwarded headers middleware leaves the X-Original ones.
    private static readonly string[] ProxyHeaders =
    [
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "X-Original-For", "X-Original-Host", "X-Original-Proto",
    ];

    /// <summary>Why the request is refused, or <see langword="null"/>.</summary>
    public static string? Refusal(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address || !IsLoopback(address))
            return "This endpoint answers requests from its own machine only." + WayOut;
        if (!IsLoopbackName(context.Request.Host.Host))
            return "This endpoint answers only requests whose Host header is localhost or a loopback address." + WayOut;
        if (ProxyHeaders.Any(context.Request.Headers.ContainsKey))
            return "This endpoint does not answer requests that a proxy has forwarded." + WayOut;
        return Origin.IsForeign(context.Request)
            ? "This endpoint does not answer pages of another origin." + WayOut
            : null;
    }

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IsLoopback(address));
}
