using Microsoft.AspNetCore.Http;
using TokenBudget.Caching;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Clears the response cache.</summary>
internal sealed class CacheEndpoints(IResponseCache cache)
{
    public Task ClearAsync(HttpContext context)
    {
        var query = context.Request.Query;
        // A misspelt name must not clear everything.
        if (QueryNames.Unknown(query, "agent", "scope") is { } problem)
            return Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem);
        var (agents, scopes) = (query["agent"], query["scope"]);
        if (agents.Count + scopes.Count > 1)
            return Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, "Give one agent or one scope, or neither to clear everything.");
        if (query.Count > 0 && string.IsNullOrEmpty(agents) && string.IsNullOrEmpty(scopes))
            return Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, "The agent or scope is empty; leave it out to clear everything.");

        var (agent, scope) = ((string?)agents, (string?)scopes);
        var cleared = agent is not null ? cache.ClearAgent(agent) : scope is not null ? cache.ClearScope(scope) : cache.Clear();
        return Answer.JsonAsync(context, new CacheCleared(cleared, agent, scope), MetricsJson.Default.CacheCleared);
    }
}
