using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Health_is_degraded_while_ledger_lines_are_unwritten()
    {
        var ledger = new BreakableLedger();
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger);
        await using var services = Services(runtime, static checks => checks.AddTokenBudget());
        (await CheckAsync(services)).Status.ShouldBe(HealthStatus.Healthy);
        var budget = new CostBudget("daily", Usd.FromDollars(1), BudgetPeriod.Day);
        var reservation = await runtime.Costs.ReserveAsync(budget, Usd.FromDollars(0.5m));

        ledger.IsBroken = true;
        await Should.ThrowAsync<IOException>(async () => await runtime.Costs.SettleAsync(reservation, Line(reservation)));

        var degraded = await CheckAsync(services);
        degraded.Status.ShouldBe(HealthStatus.Degraded);
        degraded.Entries["tokenbudget"].Data["unwrittenLedgerLines"].ShouldBe(1);
        degraded.Entries["tokenbudget"].Data["ledger"].ShouldBe("refuses lines");

        ledger.IsBroken = false;
        using var next = await runtime.Costs.ReserveAsync(budget, Usd.Zero);
        (await CheckAsync(services)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_is_as_bad_as_one_that_cannot_be_written_and_its_words_stay_with_it()
    {
        var ledger = new BreakableLedger { IsUnreadable = true };
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger);
        await using var services = Services(runtime, static checks => checks.AddTokenBudget());

        var entry = (await CheckAsync(services)).Entries["tokenbudget"];

        entry.Status.ShouldBe(HealthStatus.Degraded);
        entry.Description.ShouldBe("The ledger cannot be read (IOException); budgets in dollars are closed.");
        entry.Exception.ShouldBeNull();
    }

    [Fact]
    public async Task A_paused_budget_is_degraded_until_somebody_resumes_it()
    {
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions());
        await using var services = Services(runtime, static checks => checks.AddTokenBudget(failureStatus: HealthStatus.Unhealthy));
        var budget = new CostBudget("daily", Usd.FromDollars(1), BudgetPeriod.Day) { AtLimit = AtLimit.Pause };
        await Should.ThrowAsync<BudgetPausedException>(async () => await runtime.Costs.ReserveAsync(budget, Usd.FromDollars(2)));

        var entry = (await CheckAsync(services)).Entries["tokenbudget"];
        entry.Status.ShouldBe(HealthStatus.Degraded);
        entry.Description.ShouldBe("paused budgets: daily.");
        entry.Data["pausedBudgets"].ShouldBe(new List<string> { "daily" });

        await runtime.Costs.PauseAsync("daily", "canary: somebody's words");
        entry = (await CheckAsync(services)).Entries["tokenbudget"];
        entry.Status.ShouldBe(HealthStatus.Degraded);
        entry.Description.ShouldBe("budgets paused by hand: daily.");
        entry.Data["pausedBudgets"].ShouldBe(new List<string>());
        entry.Data["budgetsPausedByHand"].ShouldBe(new List<string> { "daily" });

        await runtime.Costs.ApproveAsync("daily", Usd.FromDollars(5));
        (await CheckAsync(services)).Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public async Task The_host_decides_the_name_and_how_bad_it_is()
    {
        var ledger = new BreakableLedger();
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger);
        await using var services = Services(runtime, static checks => checks.AddTokenBudget("money", HealthStatus.Unhealthy, ["ready"]));
        var reservation = await runtime.Costs.ReserveAsync(new CostBudget("daily", null, BudgetPeriod.Day), Usd.Zero);
        ledger.IsBroken = true;
        await Should.ThrowAsync<IOException>(async () => await runtime.Costs.SettleAsync(reservation, Line(reservation)));

        var report = await CheckAsync(services);

        report.Entries["money"].Status.ShouldBe(HealthStatus.Unhealthy);
        report.Entries["money"].Tags.ShouldBe(["ready"]);
    }

    private static ServiceProvider Services(TokenBudgetRuntime runtime, Action<IHealthChecksBuilder> add)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(runtime);
        add(services.AddHealthChecks());
        return services.BuildServiceProvider();
    }

    private static Task<HealthReport> CheckAsync(ServiceProvider services) => services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private static LedgerEntry Line(CostReservation reservation) => new()
    {
        Id = reservation.Id,
        At = reservation.At,
        Agent = "Support",
        Method = "Ask",
        Model = "m",
        Budget = reservation.Budget,
    };

    private sealed class BreakableLedger : ILedger
    {
        private readonly InMemoryLedger _inner = new();

        public bool IsBroken { get; set; }

        public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) =>
            IsBroken ? throw new IOException("disk full") : _inner.AppendAsync(entry, cancellationToken);

        public bool IsUnreadable { get; set; }

        public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) =>
            IsUnreadable ? throw new IOException("canary path") : _inner.SumCostAsync(query, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
            LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) => _inner.TotalAsync(query, by, cancellationToken);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _inner.ReadAsync(query, cancellationToken);
    }
}
