using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests;

public sealed class MetricsTests
{
    private const string Canary = "canary-7f3a";
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 3, 15, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Tokens_are_those_of_the_ledger_per_agent_and_model()
    {
        await using var host = await Host.StartAsync(ledger: await SeededAsync(), time: _time);

        var answer = await host.GetAsync("/api/metrics/tokens");

        answer.GetProperty("agents").EnumerateArray().Select(static agent => agent.GetRawText()).ShouldBe(
        [
            """{"agent":"Sales","model":"small","requests":1,"tokens":{"freshInput":100,"cacheRead":20,"cacheWrite":70,"output":5,"reasoning":6,"total":201}}""",
            """{"agent":"Support","model":"large","requests":1,"tokens":{"freshInput":1000,"cacheRead":200,"cacheWrite":700,"output":50,"reasoning":60,"total":2010}}""",
            """{"agent":"Support","model":"small","requests":2,"tokens":{"freshInput":200,"cacheRead":40,"cacheWrite":140,"output":10,"reasoning":12,"total":402}}""",
        ]);
        answer.GetProperty("requests").GetInt64().ShouldBe(4);
        answer.GetProperty("tokens").GetProperty("total").GetInt64().ShouldBe(201 + 2010 + 402);
        answer.GetProperty("sinceStart").GetRawText().ShouldBe(
            """{"requests":0,"savedTokens":0,"savedUsd":0,"trimmedRequests":0,"throttledSeconds":0,"overheadSeconds":0,"methods":[]}""");
    }

    [Fact]
    public async Task A_range_holds_its_first_instant_and_not_its_last()
    {
        await using var host = await Host.StartAsync(ledger: await SeededAsync(), time: _time);

        (await RequestsAsync("?from=2026-03-02&until=2026-03-03")).ShouldBe(1);
        (await RequestsAsync("?from=2026-03-02T00:00:00Z")).ShouldBe(3);
        (await RequestsAsync("?from=2026-03-02T00:00:00.0000001Z")).ShouldBe(2);
        (await RequestsAsync("?until=2026-03-02")).ShouldBe(1);
        (await RequestsAsync("?from=2026-03-02T02:00%2B02:00&until=2026-03-02T02:01%2B02:00")).ShouldBe(1);
        (await RequestsAsync("?FROM=2027-01-01")).ShouldBe(0);

        async Task<long> RequestsAsync(string query) => (await host.GetAsync("/api/metrics/tokens" + query)).GetProperty("requests").GetInt64();
    }

    [Theory]
    [InlineData("from=yesterday", "'from'")]
    [InlineData("from=", "'from'")]
    [InlineData("until=03/01/2026", "'until'")]
    [InlineData("until=2026-02-30", "'until'")]
    [InlineData("from=2026-03-01T00:00:00+02:00", "%2B")]
    [InlineData("from=2026-03-01&from=2026-03-02", "'from'")]
    [InlineData("from=2026-03-02&until=2026-03-02", "later")]
    [InlineData("from=2026-03-02&until=2026-03-01", "later")]
    [InlineData("form=2026-03-02", "from, until")]
    public async Task A_range_that_means_nothing_is_named(string query, string hint)
    {
        await using var host = await Host.StartAsync();

        foreach (var path in (string[])["/api/metrics/tokens?", "/api/metrics/costs?"])
        {
            using var response = await host.SendAsync("GET", path + query);
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            (await Host.ReadAsync(response)).GetProperty("detail").GetString()!.ShouldContain(hint);
        }
    }

    [Fact]
    public async Task An_error_does_not_repeat_what_a_link_put_into_the_query()
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", "/api/metrics/costs?from=%3Cscript%3E" + Canary);

        (await response.Content.ReadAsStringAsync()).ShouldNotContain(Canary);
    }

    [Fact]
    public async Task Costs_are_exact_to_the_last_digit()
    {
        await using var host = await Host.StartAsync(ledger: await SeededAsync(), time: _time);

        var answer = await host.GetAsync("/api/metrics/costs?from=2026-03-01&until=2026-04-01");

        answer.GetProperty("agents").EnumerateArray().Select(static agent => agent.GetRawText()).ShouldBe(
        [
            """{"agent":"Sales","model":"small","requests":1,"costUsd":0.000000000001,"avoidedRequests":0,"avoidedUsd":0}""",
            """{"agent":"Support","model":"large","requests":1,"costUsd":9000000.123456789012,"avoidedRequests":1,"avoidedUsd":0.25}""",
            """{"agent":"Support","model":"small","requests":2,"costUsd":0.3,"avoidedRequests":0,"avoidedUsd":0}""",
        ]);
        answer.GetProperty("totalUsd").GetRawText().ShouldBe("9000000.423456789013");
        answer.GetProperty("avoidedUsd").GetRawText().ShouldBe("0.25");
        answer.GetProperty("from").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Budgets_show_what_is_spent_and_what_is_held()
    {
        await using var host = await Host.StartAsync(ledger: new InMemoryLedger(), time: _time);
        var costs = host.Runtime.Costs;
        var budget = new CostBudget("daily", Usd.FromDollars(10), BudgetPeriod.Day);
        var spent = await costs.ReserveAsync(budget, Usd.FromDollars(2));
        await costs.SettleAsync(spent, Entry("Support", "small", 1, 15) with { Cost = Usd.FromDollars(1.5m) });
        using var held = await costs.ReserveAsync(budget, Usd.FromDollars(0.0675m));
        using var other = await costs.ReserveAsync(new CostBudget("open", null, BudgetPeriod.Total), Usd.Zero);

        var answer = await host.GetAsync("/api/metrics/costs");

        answer.GetProperty("budgets").EnumerateArray().Select(static line => line.GetRawText()).ShouldBe(
        [
            """{"name":"daily","period":"Day","periodStart":"2026-03-15T00:00:00+00:00","periodEnd":"2026-03-16T00:00:00+00:00","limitUsd":10,"approvedUsd":0,"settledUsd":1.5,"reservedUsd":0.0675,"isPaused":false,"pausedByHand":null,"forecast":null}""",
            """{"name":"open","period":"Total","periodStart":null,"periodEnd":null,"limitUsd":null,"approvedUsd":0,"settledUsd":0,"reservedUsd":0,"isPaused":false,"pausedByHand":null,"forecast":null}""",
        ]);
        answer.GetProperty("unwrittenLedgerLines").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Calls_show_in_the_numbers_and_their_prompts_do_not()
    {
        await using var host = await Host.StartAsync(time: _time, options: new TokenBudgetOptions { AllowUnknownPrices = true });
        using var client = host.Runtime.CreateClient(new Echo(), new AgentMethodPolicy
        {
            Agent = "Support",
            Method = "Ask",
            Settings = new BudgetSettings { Model = "unknown-model", TokensPerMinute = 60_000, RequestsPerMinute = 7, MaxOutputTokens = 100 },
        });
        await client.GetResponseAsync(Canary);
        CacheSeed.Fill(host.Runtime.Cache);

        var tokens = await host.GetAsync("/api/metrics/tokens");

        tokens.GetProperty("sinceStart").GetProperty("requests").GetInt64().ShouldBe(1);
        tokens.GetProperty("agents")[0].GetProperty("tokens").GetProperty("total").GetInt64().ShouldBe(42);
        var limit = tokens.GetProperty("rateLimits")[0];
        limit.GetProperty("name").GetString().ShouldBe("Support");
        limit.GetProperty("requests").GetInt64().ShouldBe(1);
        limit.GetProperty("requestsPerMinute").GetInt64().ShouldBe(7);
        limit.GetProperty("tokensPerMinute").GetInt64().ShouldBe(60_000);
        (limit.GetProperty("inputTokens").GetInt64() + limit.GetProperty("outputTokens").GetInt64()).ShouldBe(42);
        var method = tokens.GetProperty("sinceStart").GetProperty("methods")[0];
        method.GetProperty("agent").GetString().ShouldBe("Support");
        method.GetProperty("method").GetString().ShouldBe("Ask");
        method.GetProperty("newestInputTokens").GetInt64().ShouldBe(30);
        method.GetProperty("largestInputTokens").GetInt64().ShouldBe(30);
        foreach (var path in (string[])["tokens", "cache", "costs", "history"])
            (await host.GetAsync("/api/metrics/" + path)).GetRawText().ShouldNotContain("canary");
    }

    [Fact]
    public async Task The_cache_shows_what_it_holds_and_what_it_avoided()
    {
        await using var host = await Host.StartAsync(ledger: await SeededAsync(), time: _time);
        (await host.GetAsync("/api/metrics/cache")).GetProperty("hitRate").ValueKind.ShouldBe(JsonValueKind.Null);
        CacheSeed.Fill(host.Runtime.Cache);

        var answer = await host.GetAsync("/api/metrics/cache");

        answer.GetProperty("entries").GetInt32().ShouldBe(CacheSeed.Count);
        answer.GetProperty("stored").GetInt64().ShouldBe(CacheSeed.Count);
        answer.GetProperty("bytes").GetInt64().ShouldBeGreaterThan(0);
        answer.GetProperty("avoidedRequests").GetInt64().ShouldBe(1);
        answer.GetProperty("avoidedTokens").GetInt64().ShouldBe(2010);
        answer.GetProperty("avoidedUsd").GetDecimal().ShouldBe(0.25m);
        using var response = await host.SendAsync("GET", "/api/metrics/cache?agent=Support");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>Lines of three days of March; one of them is an avoided call.</summary>
    private static async Task<InMemoryLedger> SeededAsync()
    {
        var ledger = new InMemoryLedger();
        await ledger.AppendAsync(Entry("Support", "small", 1, 1) with { Cost = Usd.FromDollars(0.1m) });
        await ledger.AppendAsync(Entry("Support", "small", 1, 2) with { Cost = Usd.FromDollars(0.2m) });
        await ledger.AppendAsync(Entry("Support", "large", 10, 3) with { Cost = Usd.FromDollars(9_000_000.123456789012m) });
        await ledger.AppendAsync(Entry("Support", "large", 10, 3) with { Cost = Usd.FromDollars(0.25m), Outcome = LedgerOutcome.Avoided });
        await ledger.AppendAsync(Entry("Sales", "small", 1, 3) with { Cost = new Usd(1) });
        return ledger;
    }

    private static LedgerEntry Entry(string agent, string model, int size, int day) => new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, day, 0, 0, 0, TimeSpan.Zero),
        Agent = agent,
        Method = "Ask",
        Model = model,
        Budget = agent,
        Tenant = "canary-tenant",
        Usage = new TokenUsage { FreshInput = 100 * size, CacheRead = 20 * size, CacheWrite5Minutes = 30 * size, CacheWrite1Hour = 40 * size, Output = 5 * size, Reasoning = 6 * size },
    };
}
