using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>The headers of a response, spoiled as the fault plan says.</summary>
internal static class ResponseHeaders
{
    private static readonly string[] Nonsense = ["soon", "", "-7", "NaN", "1e99", "6m0", "null"];

    /// <summary>Adds the state of the limits as it is now; called last, so that what this request used is counted.</summary>
    public static void Add(IHeaderDictionary headers, Provider provider, Dialect dialect, Exchange? exchange, SimulatedRetryAfter? retryAfter = null)
    {
        var fault = exchange?.Fault;
        var now = provider.Clock.Now + (fault?.ClockSkew ?? TimeSpan.Zero);
        headers.Date = now.ToUniversalTime().ToString("R", CultureInfo.InvariantCulture);
        retryAfter?.AddTo(headers, now);
        var place = exchange?.Number ?? 0;
        foreach (var (name, value) in dialect.LimitHeaders(provider.LimitStates(exchange), now))
        {
            switch (fault?.Headers)
            {
                case null:
                    headers[name] = value;
                    break;
                case SimulatedHeaderFault.Garbled:
                    headers[name] = Nonsense[place++ % Nonsense.Length];
                    break;
                case SimulatedHeaderFault.Duplicated:
                    headers[name] = new([value, "0"]);
                    break;
                case SimulatedHeaderFault.UpperCase:
                    headers[name.ToUpperInvariant()] = value;
                    break;
            }
        }
    }
}
