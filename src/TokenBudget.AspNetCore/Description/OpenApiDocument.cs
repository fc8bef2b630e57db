using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using TokenBudget.AspNetCore.Access;
using TokenBudget.AspNetCore.Metrics;

namespace TokenBudget.AspNetCore.Description;

/// <summary>Answer of <c>GET /api/openapi.json</c>. Schemas are those of the types the answers are written from, so that they cannot differ.</summary>
internal static class OpenApiDocument
{
    private static readonly Operation[] Operations =
    [
        new("get", "/api/metrics", "Everything of one instant, tokens and costs of the present day.", MetricsJson.Default.OverviewMetrics),
        new("get", "/api/metrics/tokens", "Tokens per agent and model, rate limits, what each method did.", MetricsJson.Default.TokenMetrics, "from", "until"),
        new("get", "/api/metrics/cache", "The response cache.", MetricsJson.Default.CacheMetrics),
        new("get", "/api/metrics/costs", "Dollars per agent, model and day; budgets with their forecast.", MetricsJson.Default.CostMetrics, "from", "until"),
        new("get", "/api/metrics/history", "Rate limits, second by second, of the last ten minutes.", MetricsJson.Default.HistoryMetrics),
        new("get", "/api/conversations", "How large the newest conversations are.", MetricsJson.Default.ConversationMetrics, "newest"),
        new("get", "/api/alerts", "The newest alerts; as text/event-stream or over a WebSocket, those and what comes.", MetricsJson.Default.RecentAlerts, "lastEventId", "metrics"),
        new("get", "/api/openapi.json", "This document.", null),
        new("post", "/api/cache/clear", "Forgets answers of the response cache.", MetricsJson.Default.CacheCleared, "agent", "method", "scope"),
        new("post", "/api/budgets/{name}/pause", "Pauses a budget: its calls are refused, with the reason, until somebody resumes it.", MetricsJson.Default.BudgetPaused, "reason"),
        new("post", "/api/budgets/{name}/resume", "Ends the pause of a budget and lets it spend more in its current period.", MetricsJson.Default.BudgetResumed, "extraUsd"),
    ];

    private static readonly Lazy<string> Json = new(static () => Build().ToJsonString());

    public static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(Json.Value, context.RequestAborted);
    }

    private static JsonObject Build()
    {
        var paths = new JsonObject();
        var schemas = new JsonObject { ["Problem"] = SchemaOf(MetricsJson.Default.ProblemDetails) };
        foreach (var operation in Operations)
        {
            if (operation.Answer is { } type)
                schemas[type.Type.Name] = SchemaOf(type);
            var path = paths[operation.Path] as JsonObject ?? [];
            path[operation.Method] = Describe(operation);
            paths[operation.Path] = path;
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "TokenBudget", ["version"] = "1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Describe(Operation operation)
    {
        List<JsonNode?> parameters = [.. operation.Query.Select(static name => Parameter(name, "query", isRequired: false))];
        if (operation.Path.Contains("{name}", StringComparison.Ordinal))
            parameters.Add(Parameter("name", "path", isRequired: true));
        if (operation.Method == "post")
            parameters.Add(Parameter(MutationRule.Header, "header", isRequired: true));
        return new JsonObject
        {
            ["summary"] = operation.Summary,
            ["parameters"] = new JsonArray([.. parameters]),
            ["responses"] = new JsonObject
            {
                ["200"] = Response("The answer.", "application/json", operation.Answer?.Type.Name),
                ["400"] = Response("The query means nothing; the detail says why.", "application/problem+json", "Problem"),
                ["403"] = Response("Not from this machine, not by the policy, or from a page of another origin.", "application/problem+json", "Problem"),
            },
        };
    }

    private static JsonObject Parameter(string name, string place, bool isRequired) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = isRequired,
        ["schema"] = new JsonObject { ["type"] = "string" },
    };

    private static JsonObject Response(string description, string mediaType, string? schema)
    {
        var content = new JsonObject();
        if (schema is not null)
            content["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema };
        return new JsonObject { ["description"] = description, ["content"] = new JsonObject { [mediaType] = content } };
    }

    private static JsonNode SchemaOf(JsonTypeInfo type) => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });

    private sealed record Operation(string Method, string Path, string Summary, JsonTypeInfo? Answer, params string[] Query);
}
