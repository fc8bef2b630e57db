using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>The headers that every response carries.</summary>
internal static class ResponseHeaders
{
    public static string RequestId(int number) => FormattableString.Invariant($"req_sim_{number:D8}");

    public static void AddIdentity(HttpResponse response, int number)
    {
        response.Headers["request-id"] = RequestId(number);
        response.Headers["anthropic-organization-id"] = "org_simulated";
    }

    /// <summary>Adds the state of the limits as it is now; called last, so that what this request used is counted.</summary>
    public static void AddLimits(HttpResponse response, Provider provider, Exchange? exchange)
    {
        foreach (var (name, value) in provider.LimitHeaders(exchange?.Model))
            response.Headers[name] = value;
    }
}
