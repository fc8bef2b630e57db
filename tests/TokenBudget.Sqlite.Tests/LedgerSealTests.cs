using Microsoft.Data.Sqlite;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

/// <summary>Somebody changes the ledger behind our back.</summary>
public sealed class LedgerSealTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.PathOf("store.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_ledger_nobody_touched_is_intact_and_its_seal_holds_for_what_comes_after()
    {
        await WriteAsync(2_500);
        var first = await CheckAsync();
        (first.IsIntact, first.Lines, first.Unsealed, first.Reserved, first.Seal!.Number).ShouldBe((true, 2_500, 0, 0, 2_501));

        await WriteAsync(10);
        var second = await CheckAsync(LedgerSeal.Parse(first.Seal.ToString()));
        (second.IsIntact, second.Lines).ShouldBe((true, 2_510));
        second.Seal.ShouldNotBe(first.Seal);
    }

    [Theory]
    [InlineData("id = '00000000-0000-0000-0000-00000000AAAA'")]
    [InlineData("id = 'nothing'")]
    [InlineData("at = at + 1")]
    [InlineData("at = -5")]
    [InlineData("agent = agent || 'x'")]
    [InlineData("agent = 'agentm', method = 'ethod'")]
    [InlineData("method = 'other'")]
    [InlineData("model = 'cheaper'")]
    [InlineData("budget = 'another'")]
    [InlineData("tenant = ''")]
    [InlineData("outcome = 3")]
    [InlineData("outcome = 6")]
    [InlineData("outcome = 7")]
    [InlineData("fresh_input = 1")]
    [InlineData("cache_read = 1")]
    [InlineData("cache_write_5m = 1")]
    [InlineData("cache_write_1h = 1")]
    [InlineData("audio_input = 1")]
    [InlineData("audio_cache_read = 1")]
    [InlineData("output = 1")]
    [InlineData("reasoning = 1")]
    [InlineData("audio_output = 1")]
    [InlineData("cost = cost - 1")]
    [InlineData("is_estimate = 1")]
    public async Task No_column_can_be_changed_unnoticed(string change)
    {
        await WriteAsync(20);
        Execute($"UPDATE ledger SET {change} WHERE line = 7");

        var finding = (await CheckAsync()).Findings.ShouldHaveSingleItem();
        finding.ShouldStartWith("Line 7 (");
        finding.ShouldEndWith(" was changed.");
    }

    /// <summary>The columns are those of the table: one that is added later and not sealed would be found here.</summary>
    [Fact]
    public async Task Every_column_of_the_ledger_is_tried()
    {
        await WriteAsync(1);
        var tried = typeof(LedgerSealTests).GetMethod(nameof(No_column_can_be_changed_unnoticed))!.GetCustomAttributesData()
            .Where(static attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(static attribute => ((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[0].Value!.ToString()!.Split(' ')[0]);
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM pragma_table_info('ledger') WHERE name <> 'line'";
        using var row = command.ExecuteReader();
        var columns = new List<string>();
        while (row.Read())
            columns.Add(row.GetString(0));
        columns.ShouldBe(tried.Distinct(), ignoreOrder: true);
    }

    [Theory]
    [InlineData("DELETE FROM ledger WHERE line = 7", "Line 7 was removed.")]
    [InlineData("DELETE FROM ledger WHERE line = 20", "Line 20 was removed.")]
    [InlineData("DELETE FROM ledger WHERE line = 7; DELETE FROM ledger_seals WHERE line = 7", "Seals 8 to 8 were removed.")]
    [InlineData("DELETE FROM ledger WHERE line = 20; DELETE FROM ledger_seals WHERE line = 20", "There were 21 seals, and the last there is has number 20: the end was removed.")]
    [InlineData("DELETE FROM ledger_seals", "There were 21 seals, and the last there is has number 0: the end was removed.")]
    [InlineData("DELETE FROM ledger_seals WHERE number = 1", "Seals 1 to 1 were removed.")]
    [InlineData("DELETE FROM ledger_seals WHERE line = 20", "Line 20 (")]
    [InlineData("INSERT INTO ledger SELECT 21, 'AAAAAAAA-0000-0000-0000-000000000000', at, agent, method, model, budget, tenant, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate, 0, 0, 0 FROM ledger WHERE line = 3", "Line 21 (")]
    [InlineData("UPDATE ledger SET line = 99 WHERE line = 7; UPDATE ledger SET line = 7 WHERE line = 8; UPDATE ledger SET line = 8 WHERE line = 99", "Line 7 (")]
    [InlineData("UPDATE ledger_seals SET digest = zeroblob(32) WHERE line = 7", "Seal 8, of line 7, was changed")]
    [InlineData("UPDATE ledger_seals SET seal = 'x' WHERE line = 7", "Seal 8, of line 7, was changed")]
    [InlineData("UPDATE ledger_seals SET line = -15 WHERE number = 1", "Seal 1, of line -15, was changed")]
    public async Task Lines_that_are_removed_slipped_in_or_swapped_are_noticed(string sql, string finding)
    {
        await WriteAsync(20);
        Execute(sql);

        var check = await CheckAsync();
        check.Findings.ShouldContain(found => found.StartsWith(finding, StringComparison.Ordinal), string.Join('\n', check.Findings));
    }

    [Fact]
    public async Task Every_damaged_line_is_named_and_no_other()
    {
        await WriteAsync(3_000);
        Execute("UPDATE ledger SET cost = 0 WHERE line % 1000 = 1");

        (await CheckAsync()).Findings.Select(static finding => finding.Split(' ')[1]).ShouldBe(["1", "1,001", "2,001"]);
    }

    [Fact]
    public async Task Only_a_seal_that_was_kept_shows_that_the_end_is_missing_or_all_was_written_anew()
    {
        await WriteAsync(20);
        var seal = (await CheckAsync()).Seal;
        Execute("DELETE FROM ledger WHERE line > 15; DELETE FROM ledger_seals WHERE line > 15; UPDATE sqlite_sequence SET seq = 16 WHERE name = 'ledger_seals'");
        (await CheckAsync()).IsIntact.ShouldBeTrue();
        (await CheckAsync(seal)).Findings.ShouldHaveSingleItem().ShouldStartWith("The ledger ends with seal 16, before the one that was kept, 21");

        // As if somebody knew how.
        Execute("DELETE FROM ledger; DELETE FROM ledger_seals; DELETE FROM sqlite_sequence");
        await WriteAsync(20);
        (await CheckAsync()).IsIntact.ShouldBeTrue();
        (await CheckAsync(seal)).Findings.ShouldHaveSingleItem().ShouldEndWith("what is before it was written anew.");
    }

    [Fact]
    public async Task A_chain_that_was_lost_does_not_begin_anew_by_itself()
    {
        await WriteAsync(5);
        Execute("DELETE FROM ledger_seals");
        await WriteAsync(5);

        (await CheckAsync()).Findings[0].ShouldBe("Seals 1 to 6 were removed.");
    }

    [Fact]
    public async Task What_is_reserved_has_no_seal_and_what_is_settled_has()
    {
        await using var store = await SqliteStore.OpenAsync(Path);
        IReservationLedger ledger = store;
        var lines = Enumerable.Range(0, 3).Select(static _ => Entries.New(100) with { Outcome = LedgerOutcome.Reserved }).ToArray();
        foreach (var line in lines)
            await ledger.ReserveAsync(line, []);
        (await store.VerifyLedgerAsync()).ShouldSatisfyAllConditions(static check => check.IsIntact.ShouldBeTrue(), static check => (check.Reserved, check.Seal!.Number).ShouldBe((3, 1)));

        // In another order, one of them twice, and one not at all.
        await store.AppendAsync(lines[2] with { Outcome = LedgerOutcome.Completed, Cost = new Usd(30) });
        await store.AppendAsync(lines[2] with { Outcome = LedgerOutcome.Completed, Cost = new Usd(40) });
        await store.AppendAsync(lines[0] with { Outcome = LedgerOutcome.Failed, Cost = default });
        await ledger.ReleaseAsync(lines[1].Id);
        (await store.VerifyLedgerAsync()).ShouldSatisfyAllConditions(
            static check => check.IsIntact.ShouldBeTrue(), static check => (check.Lines, check.Reserved, check.Seal!.Number).ShouldBe((2, 0, 3)));
    }

    [Fact]
    public async Task What_a_process_left_behind_is_sealed_and_sealed_again_when_it_is_settled_late()
    {
        var line = Entries.New(100) with { Outcome = LedgerOutcome.Reserved };
        await using (var store = await SqliteStore.OpenAsync(Path))
            await ((IReservationLedger)store).ReserveAsync(line, []);
        await using (var store = await SqliteStore.OpenAsync(Path))
        {
            store.UnsettledFound.ShouldBe(1);
            (await store.VerifyLedgerAsync()).ShouldSatisfyAllConditions(static check => check.IsIntact.ShouldBeTrue(), static check => check.Seal!.Number.ShouldBe(2));
        }

        Execute("UPDATE ledger SET cost = 1");
        (await CheckAsync()).Findings.ShouldHaveSingleItem().ShouldStartWith("Line 1 (", Case.Sensitive, "nor can what is unsettled be changed");

        Execute("UPDATE ledger SET cost = 100");
        await using (var store = await SqliteStore.OpenAsync(Path))
            await store.AppendAsync(line with { Outcome = LedgerOutcome.Completed, Cost = new Usd(30) });
        (await CheckAsync()).ShouldSatisfyAllConditions(static check => check.IsIntact.ShouldBeTrue(), static check => check.Seal!.Number.ShouldBe(3));
    }

    [Fact]
    public async Task A_line_that_is_there_already_breaks_no_chain()
    {
        await using (var store = await SqliteStore.OpenAsync(Path))
        {
            var entry = Entries.New();
            await Task.WhenAll(Enumerable.Range(0, 200).Select(line => store.AppendAsync(line % 3 == 0 ? entry : Entries.New(line)).AsTask()));
        }

        var check = await CheckAsync();
        (check.IsIntact, check.Lines).ShouldBe((true, 200 - 67 + 1));
    }

    /// <summary>Whatever callers do at the same time, with restarts between, fits the seals; and one thing done behind our back never does.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Many_callers_and_restarts_keep_one_chain_which_one_change_breaks(int seed)
    {
        var random = new Random(seed);
        for (var start = 0; start < 4; start++)
        {
            await using var store = await SqliteStore.OpenAsync(Path);
            var tracker = new CostTracker(store);
            var budget = new CostBudget("b", new Usd(long.MaxValue), BudgetPeriod.Total);
            await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
            {
                var fate = random.Next(4);
                var reservation = await tracker.ReserveAsync(budget, new Usd(100));
                if (fate == 0)
                    reservation.Dispose();
                else if (fate != 1)
                    await tracker.SettleAsync(reservation, Entries.New(fate));
            }));
            // One caller is checking meanwhile.
            await Task.WhenAll(store.AppendAsync(Entries.New()).AsTask(), store.VerifyLedgerAsync());
        }

        (await CheckAsync()).Findings.ShouldBeEmpty();
        var victim = random.Next(1, 100);
        Execute(random.Next(2) == 0
            ? $"UPDATE ledger SET cost = cost + 1 WHERE line = (SELECT line FROM ledger WHERE outcome <> 6 ORDER BY line LIMIT 1 OFFSET {victim})"
            : $"DELETE FROM ledger WHERE line = (SELECT line FROM ledger WHERE outcome <> 6 ORDER BY line LIMIT 1 OFFSET {victim})");
        (await CheckAsync()).Findings.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("12:abc")]
    [InlineData("0:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("-1:0000000000000000000000000000000000000000000000000000000000000000")]
    public void What_is_no_seal_is_told(string text) => Should.Throw<FormatException>(() => LedgerSeal.Parse(text)).Message.ShouldContain($"'{text}'");

    private async Task<LedgerCheck> CheckAsync(LedgerSeal? known = null)
    {
        await using var store = await SqliteStore.OpenReadOnlyAsync(Path);
        return await store.VerifyLedgerAsync(known);
    }

    private async Task WriteAsync(int lines)
    {
        await using var store = await SqliteStore.OpenAsync(Path);
        await Task.WhenAll(Enumerable.Range(1, lines).Select(line => store.AppendAsync(Entries.New(line * 1_000)).AsTask()));
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
