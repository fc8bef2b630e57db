using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Access;

/// <summary>Whether a request that changes something can have been made by a page of another site.</summary>
internal static class MutationRule
{
    /// <summary>A header no form can send; a script of another origin cannot either without being allowed to first.</summary>
    public const string Header = "X-TokenBudget";

    /// <summary>Why the request is refused, or <see langword="null"/>.</summary>
    public static string? Refusal(HttpRequest request)
    {
        if (Origin.IsForeign(request))
            return "A request that changes something must come from the same origin.";
        return request.Headers.ContainsKey(Header) || IsJson(request.ContentType)
            ? null
            : $"A request that changes something must have the header '{Header}: 1' or the content type application/json.";
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);
}
