using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Access;

/// <summary>The <c>Origin</c> header, which a browser sets and a page cannot.</summary>
internal static class Origin
{
    /// <summary>Whether the request names an origin that is not its own; <c>null</c>, several and unreadable ones are foreign.</summary>
    public static bool IsForeign(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
            return false;
        return origins.Count != 1
            || !Uri.TryCreate(origins[0], UriKind.Absolute, out var origin)
            || !Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own)
            || Uri.Compare(origin, own, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0;
    }
}
