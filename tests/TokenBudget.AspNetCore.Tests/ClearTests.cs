using System.Net;

namespace TokenBudget.AspNetCore.Tests;

public sealed class ClearTests
{
    [Theory]
    [InlineData("", 6, """{"cleared":6,"agent":null,"method":null,"scope":null}""")]
    [InlineData("?agent=Support", 3, """{"cleared":3,"agent":"Support","method":null,"scope":null}""")]
    [InlineData("?agent=support", 0, """{"cleared":0,"agent":"support","method":null,"scope":null}""")]
    [InlineData("?agent=Support&method=Ask", 3, """{"cleared":3,"agent":"Support","method":"Ask","scope":null}""")]
    [InlineData("?scope=north", 4, """{"cleared":4,"agent":null,"method":null,"scope":"north"}""")]
    [InlineData("?scope=south", 0, """{"cleared":0,"agent":null,"method":null,"scope":"south"}""")]
    public async Task What_is_named_goes_and_the_rest_stays(string query, int cleared, string json)
    {
        await using var host = await Host.StartAsync();
        CacheSeed.Fill(host.Runtime.Cache);

        using var response = await host.SendAsync("POST", "/api/cache/clear" + query, headers: ("X-TokenBudget", "1"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldBe(json);
        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(CacheSeed.Count - cleared);
    }

    [Theory]
    [InlineData("?agnet=Support")]
    [InlineData("?agent=")]
    [InlineData("?scope=")]
    [InlineData("?agent=Support&scope=north")]
    [InlineData("?agent=Support&agent=Sales")]
    [InlineData("?method=Ask")]
    public async Task What_is_not_clear_clears_nothing(string query)
    {
        await using var host = await Host.StartAsync();
        CacheSeed.Fill(host.Runtime.Cache);

        using var response = await host.SendAsync("POST", "/api/cache/clear" + query, headers: ("X-TokenBudget", "1"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(CacheSeed.Count);
    }
}
