using Microsoft.AspNetCore.Http;
using TokenBudget.Caching;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Clears the response cache.</summary>
internal sealed class CacheEndpoints(IResponseCache cache)
{
    public async Task ClearAsync(HttpContext context)
    {
        var query = context.Request.Query;
        // A misspelt name must not clear everything.
        if (QueryNames.Unknown(query, "agent", "method", "scope") is { } unknown)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, unknown).ConfigureAwait(false);
            return;
        }

        if (ProblemOf(query) is { } problem)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        var (agent, method, scope) = ((string?)query["agent"], (string?)query["method"], (string?)query["scope"]);
        try
        {
            var cleared = (agent, method, scope) switch
            {
                ({ }, { }, _) => await cache.ClearMethodAsync(agent, method, context.RequestAborted).ConfigureAwait(false),
                ({ }, _, _) => await cache.ClearAgentAsync(agent, context.RequestAborted).ConfigureAwait(false),
                (_, _, { }) => await cache.ClearScopeAsync(scope, context.RequestAborted).ConfigureAwait(false),
                _ => await cache.ClearAsync(context.RequestAborted).ConfigureAwait(false),
            };
            await Answer.JsonAsync(context, new CacheCleared(cleared, agent, method, scope), MetricsJson.Default.CacheCleared).ConfigureAwait(false);
        }
        catch (ResponseCacheUnavailableException exception)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, exception.Message).ConfigureAwait(false);
        }
    }

    private static string? ProblemOf(IQueryCollection query)
    {
        if (query.Any(static pair => pair.Value.Count != 1 || string.IsNullOrEmpty(pair.Value)))
            return "The agent, method or scope is empty or given twice; leave all out to clear everything.";
        if (query.ContainsKey("agent") && query.ContainsKey("scope"))
            return "Give one agent or one scope, or neither to clear everything.";
        return query.ContainsKey("method") && !query.ContainsKey("agent") ? "A method needs its agent: ?agent=…&method=…" : null;
    }
}
