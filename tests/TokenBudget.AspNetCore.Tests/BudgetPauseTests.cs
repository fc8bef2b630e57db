using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests;

public sealed class BudgetPauseTests
{
    [Theory]
    [InlineData("daily", "daily", "?reason=the%20provider%20is%20down", "the provider is down")]
    [InlineData("support/tenant:a b", "support%2Ftenant%3Aa%20b", "", null)]
    [InlineData("100 % ü <b>", "100%20%25%20%C3%BC%20%3Cb%3E", "?reason=%20%3Cb%3E%20", "<b>")]
    public async Task A_budget_paused_by_hand_refuses_with_the_reason_and_is_told_apart_from_one_at_its_limit(string name, string escaped, string query, string? reason)
    {
        await using var host = await Host.StartAsync();
        await host.SpendAsync("at its limit", 1, limit: 1);
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync("at its limit", 1, limit: 1, AtLimit.Pause));
        await host.SpendAsync(name, 1);

        using var response = await host.SendAsync("POST", $"/api/budgets/{escaped}/pause{query}", headers: ("X-TokenBudget", "1"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Host.ReadAsync(response)).GetProperty("name").GetString().ShouldBe(name);
        (await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync(name, 1))).Status.PausedByHand.ShouldNotBeNull().Reason.ShouldBe(reason);
        var budgets = (await host.GetAsync("/api/metrics/costs")).GetProperty("budgets").EnumerateArray().ToDictionary(static budget => budget.GetProperty("name").GetString()!);
        foreach (var budget in budgets.Values)
            budget.GetProperty("isPaused").GetBoolean().ShouldBeTrue();
        budgets["at its limit"].GetProperty("pausedByHand").ValueKind.ShouldBe(JsonValueKind.Null);
        budgets[name].GetProperty("pausedByHand").GetProperty("reason").GetString().ShouldBe(reason);
        var alert = (await host.GetAsync("/api/alerts")).GetProperty("alerts").EnumerateArray().Last();
        alert.GetProperty("kind").GetString().ShouldBe("budgetPaused");
        alert.GetProperty("severity").GetString().ShouldBe("warning");
        alert.GetProperty("budget").GetProperty("pausedByHand").GetProperty("reason").GetString().ShouldBe(reason);
        alert.GetProperty("text").GetString().ShouldBe($"Budget {name} was paused by hand{(reason is null ? "" : $": “{reason}”")}. Calls are refused until somebody resumes it.");
        alert.GetProperty("until").ValueKind.ShouldBe(JsonValueKind.Null);

        using var resumed = await host.SendAsync("POST", $"/api/budgets/{escaped}/resume", headers: ("X-TokenBudget", "1"));
        resumed.StatusCode.ShouldBe(HttpStatusCode.OK);
        await host.SpendAsync(name, 1);
    }

    [Fact]
    public async Task A_budget_that_nobody_has_called_yet_is_listed_as_the_ledger_has_it_and_can_be_paused()
    {
        var ledger = new InMemoryLedger();
        await ledger.AppendAsync(new LedgerEntry { Id = Guid.NewGuid(), At = new DaytimeClock().GetUtcNow(), Agent = "Support", Method = "Ask", Model = "m", Budget = "Support", Cost = Usd.FromDollars(2.5m) });
        await using var host = await Host.StartAsync(ledger: ledger);
        using var client = host.Runtime.CreateClient(new Echo(), new AgentMethodPolicy { Agent = "Support", Method = "Ask", Settings = new BudgetSettings { Model = "claude-sonnet-4-5", LimitUsd = 10 } });

        var budgets = default(JsonElement);
        await Eventually.TrueAsync(async () => (budgets = (await host.GetAsync("/api/metrics/costs")).GetProperty("budgets")).GetArrayLength() > 0, TimeSpan.FromMinutes(1));
        (budgets[0].GetProperty("name").GetString(), budgets[0].GetProperty("limitUsd").GetDecimal(), budgets[0].GetProperty("settledUsd").GetDecimal()).ShouldBe(("Support", 10, 2.5m));

        using var response = await host.SendAsync("POST", "/api/budgets/Support/pause", headers: ("X-TokenBudget", "1"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<BudgetPausedException>(() => client.GetResponseAsync("question"));
        using var unknown = await host.SendAsync("POST", "/api/budgets/Sales/pause", headers: ("X-TokenBudget", "1"));
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Host.ReadAsync(unknown)).GetProperty("detail").GetString().ShouldBe("No agent of this process has a budget of that name, and none is in use in its current period; GET /api/metrics/costs lists those that are known here.");
    }

    [Theory]
    [InlineData("/api/budgets/nobody/pause", 404)]
    [InlineData("/api/budgets//pause", 404)]
    [InlineData("/api/budgets/daily/pause?reason=a&reason=b", 400)]
    [InlineData("/api/budgets/daily/pause?reason=a%0Ab", 400)]
    [InlineData("/api/budgets/daily/pause?because=a", 400)]
    public async Task What_is_not_clear_pauses_nothing(string path, int status) => await RefusedAsync(path, status);

    [Fact]
    public async Task A_reason_is_as_long_as_a_line() => (await RefusedAsync($"/api/budgets/daily/pause?reason={new string('x', BudgetPause.MaxReasonLength + 1)}", 400)).ShouldContain("at most 200 characters");

    private static async Task<string> RefusedAsync(string path, int status)
    {
        await using var host = await Host.StartAsync();
        await host.SpendAsync("daily", 1);

        using var response = await host.SendAsync("POST", path, headers: ("X-TokenBudget", "1"));

        ((int)response.StatusCode).ShouldBe(status);
        host.Runtime.Costs.GetStatus().Single().IsPaused.ShouldBeFalse();
        return await response.Content.ReadAsStringAsync();
    }
}
