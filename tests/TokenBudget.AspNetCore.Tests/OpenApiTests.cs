using System.Text.Json;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>The description names what is mapped, and the answers are as it says.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task It_describes_every_route_and_no_other()
    {
        await using var host = await Host.StartAsync();
        var document = await host.GetAsync("/api/openapi.json");

        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), path.Name)));

        described.ShouldBe(
            host.Routes.Where(static route => route.Path.StartsWith("/api", StringComparison.Ordinal) && route.Method != "CONNECT").Select(static route => (route.Method, route.Path)),
            ignoreOrder: true);
    }

    [Fact]
    public async Task Answers_have_the_properties_it_says()
    {
        await using var host = await Host.StartAsync();
        await host.SpendAsync("daily", 9);
        var document = await host.GetAsync("/api/openapi.json");

        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                if (!operation.Value.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").TryGetProperty("schema", out var reference))
                    continue;
                var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetProperty("$ref").GetString()!.Split('/')[^1]);
                using var response = await host.SendAsync(
                    operation.Name.ToUpperInvariant(), path.Name.Replace("{name}", "daily", StringComparison.Ordinal), headers: ("X-TokenBudget", "1"));
                Check(await Host.ReadAsync(response), schema, $"{operation.Name} {path.Name}");
            }
    }

    private static void Check(JsonElement answer, JsonElement schema, string where)
    {
        if (answer.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            foreach (var item in answer.EnumerateArray())
                Check(item, items, where + "[]");
        if (answer.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
            return;
        answer.EnumerateObject().Select(static property => property.Name)
            .ShouldBe(properties.EnumerateObject().Select(static property => property.Name), ignoreOrder: true, where);
        foreach (var property in answer.EnumerateObject())
            Check(property.Value, properties.GetProperty(property.Name), $"{where}.{property.Name}");
    }
}
