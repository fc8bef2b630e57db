using System.Net;
using System.Text.Json;
using TokenBudget.Costs;

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
