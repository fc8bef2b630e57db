using Microsoft.Data.Sqlite;
using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteSharedLimitTests : SharedLimitConformance
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task Eight_processes_of_fifty_callers_admit_exactly_the_limit() =>
        SharingProcess.EightOfFiftyCallersAdmitExactlyTheLimitAsync(typeof(Program).Assembly.Location, "share", _folder.PathOf("shared.db"));

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        var path = _folder.PathOf("text.db");
        await File.WriteAllTextAsync(path, new string('x', 5_000));

        (await Should.ThrowAsync<InvalidDataException>(() => SqliteSharedLimits.OpenAsync(path))).Message.ShouldContain(path);
    }

    [Fact]
    public async Task A_file_that_was_removed_while_processes_run_lends_nothing_twice()
    {
        var terms = new ShareTerms(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), WorksAlone: false);
        var (here, there) = (Guid.NewGuid(), Guid.NewGuid());
        (await Store.ExchangeAsync(here, 1, [new ShareBid("l", 100, 0, 80, 0, 0)], terms))[0].Amount.ShouldBe(80);
        File.Delete(_folder.PathOf("limits.db"));
        (await Store.ExchangeAsync(here, 2, [new ShareBid("l", 100, 80, 90, 0, 0) { Heard = 1 }], terms))[0].Amount.ShouldBe(80);

        await using var another = await SqliteSharedLimits.OpenAsync(_folder.PathOf("limits.db"));
        (await another.ExchangeAsync(there, 1, [new ShareBid("l", 100, 0, 90, 0, 0)], terms))[0].Amount.ShouldBe(0);
    }

    protected override async Task<ISharedLimitStore> CreateAsync() => await SqliteSharedLimits.OpenAsync(_folder.PathOf("limits.db"));

    protected override Task EmptyAsync()
    {
        Execute("DELETE FROM shared_limits_v1; DELETE FROM limit_shares_v1; DELETE FROM limit_freezes_v1");
        return Task.CompletedTask;
    }

    protected override Task<Func<Task>?> CopyAsync()
    {
        Execute("CREATE TABLE c1 AS SELECT * FROM shared_limits_v1; CREATE TABLE c2 AS SELECT * FROM limit_shares_v1");
        return Task.FromResult<Func<Task>?>(() =>
        {
            Execute("DELETE FROM shared_limits_v1; DELETE FROM limit_shares_v1; INSERT INTO shared_limits_v1 SELECT * FROM c1; INSERT INTO limit_shares_v1 SELECT * FROM c2");
            return Task.CompletedTask;
        });
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.PathOf("limits.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
