using System.Net;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests;

public sealed class BudgetResumeTests
{
    [Theory]
    [InlineData("daily", "daily")]
    [InlineData("support/tenant:a b", "support%2Ftenant%3Aa%20b")]
    [InlineData("100 % ü <b>", "100%20%25%20%C3%BC%20%3Cb%3E")]
    public async Task A_paused_budget_goes_on_with_what_was_approved(string name, string escaped)
    {
        await using var host = await Host.StartAsync(ledger: new InMemoryLedger());
        await host.SpendAsync(name, 1, limit: 1);
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync(name, 0.5m, limit: 1, AtLimit.Pause));
        (await BudgetAsync(host)).GetProperty("isPaused").GetBoolean().ShouldBeTrue();

        using var response = await host.SendAsync("POST", $"/api/budgets/{escaped}/resume?extraUsd=0.50", headers: ("X-TokenBudget", "1"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Host.ReadAsync(response)).GetProperty("name").GetString().ShouldBe(name);
        await host.SpendAsync(name, 0.5m, limit: 1, AtLimit.Pause);
        var budget = await BudgetAsync(host);
        budget.GetProperty("isPaused").GetBoolean().ShouldBeFalse();
        budget.GetProperty("approvedUsd").GetDecimal().ShouldBe(0.5m);
        var approval = await ApprovalsAsync(host.Runtime.Ledger);
        approval.Select(static line => (line.Budget, line.Cost)).ShouldBe([(name, Usd.FromDollars(0.5m))]);
    }

    [Theory]
    [InlineData("/api/budgets/nobody/resume", 404)]
    [InlineData("/api/budgets/daily/resume?extraUsd=-1", 400)]
    [InlineData("/api/budgets/daily/resume?extraUsd=1,5", 400)]
    [InlineData("/api/budgets/daily/resume?extraUsd=1000000.01", 400)]
    [InlineData("/api/budgets/daily/resume?extraUsd=1&extraUsd=2", 400)]
    [InlineData("/api/budgets/daily/resume?extra=1", 400)]
    [InlineData("/api/budgets//resume", 404)]
    public async Task What_is_not_clear_approves_nothing(string path, int status)
    {
        await using var host = await Host.StartAsync(ledger: new InMemoryLedger());
        await host.SpendAsync("daily", 1);

        using var response = await host.SendAsync("POST", path, headers: ("X-TokenBudget", "1"));

        ((int)response.StatusCode).ShouldBe(status);
        (await ApprovalsAsync(host.Runtime.Ledger)).ShouldBeEmpty();
    }

    private static async Task<System.Text.Json.JsonElement> BudgetAsync(Host host) => (await host.GetAsync("/api/metrics/costs")).GetProperty("budgets")[0];

    private static async Task<List<LedgerEntry>> ApprovalsAsync(ILedger ledger)
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in ledger.ReadAsync(new LedgerQuery { Outcome = LedgerOutcome.Approved }))
            lines.Add(line);
        return lines;
    }
}
