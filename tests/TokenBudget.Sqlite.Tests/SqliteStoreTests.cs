using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

/// <summary>What is particular to the file; what every store promises is in the conformance suites.</summary>
public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string StorePath => _folder.PathOf("store.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("not a database, but long enough to be taken for the header of one, which has a hundred bytes and begins with its name")]
    [InlineData("SQLite format 3\0 and then nothing that makes sense .......................................................................")]
    public async Task An_unreadable_file_is_refused_by_name(string content)
    {
        await File.WriteAllTextAsync(StorePath, content);

        foreach (var open in new[] { SqliteStore.OpenAsync, SqliteStore.OpenReadOnlyAsync })
            (await Should.ThrowAsync<InvalidDataException>(() => open(StorePath, default))).Message.ShouldContain(StorePath);

        (await File.ReadAllTextAsync(StorePath)).ShouldBe(content, "and is left as it was");
    }

    [Fact]
    public async Task A_file_damaged_within_is_refused_by_name_when_the_damage_is_met()
    {
        await using (var store = await SqliteStore.OpenAsync(StorePath))
        {
            for (var i = 0; i < 200; i++)
                await store.AppendAsync(Entries.New());
        }

        await using (var file = new FileStream(StorePath, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 4096;
            var garbage = new byte[file.Length - 4096];
            Array.Fill(garbage, (byte)0xA5);
            await file.WriteAsync(garbage);
        }

        var error = await Should.ThrowAsync<InvalidDataException>(async () =>
        {
            await using var store = await SqliteStore.OpenAsync(StorePath);
            await store.SumCostAsync(new LedgerQuery());
        });
        error.Message.ShouldContain(StorePath);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused()
    {
        await (await SqliteStore.OpenAsync(StorePath)).DisposeAsync();
        Execute("PRAGMA user_version = 1000");

        foreach (var open in new[] { SqliteStore.OpenAsync, SqliteStore.OpenReadOnlyAsync })
        {
            var error = await Should.ThrowAsync<InvalidDataException>(() => open(StorePath, default));
            error.Message.ShouldContain(StorePath);
            error.Message.ShouldContain("1000");
        }
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused()
    {
        Execute("CREATE TABLE theirs (x)");

        (await Should.ThrowAsync<InvalidDataException>(() => SqliteStore.OpenAsync(StorePath))).Message.ShouldContain("another program");

        Execute("INSERT INTO theirs VALUES (1)");
    }

    [Fact]
    public async Task A_second_writer_is_refused_until_the_first_is_closed()
    {
        await using (await SqliteStore.OpenAsync(StorePath))
            (await Should.ThrowAsync<IOException>(() => SqliteStore.OpenAsync(StorePath))).Message.ShouldContain(StorePath);

        await (await SqliteStore.OpenAsync(StorePath)).DisposeAsync();
    }

    [Fact]
    public async Task A_missing_folder_or_file_is_named()
    {
        var missing = _folder.PathOf("none/store.db");
        (await Should.ThrowAsync<DirectoryNotFoundException>(() => SqliteStore.OpenAsync(missing))).Message.ShouldContain(missing);
        (await Should.ThrowAsync<FileNotFoundException>(() => SqliteStore.OpenReadOnlyAsync(StorePath))).FileName.ShouldBe(StorePath);
        File.Exists(StorePath).ShouldBeFalse();
    }

    [Fact]
    public async Task A_reader_sees_what_the_writer_commits_and_writes_nothing()
    {
        await using var writer = await SqliteStore.OpenAsync(StorePath);
        await using var reader = await SqliteStore.OpenReadOnlyAsync(StorePath);

        await writer.AppendAsync(Entries.New(5));

        (await reader.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(5));
        await Should.ThrowAsync<InvalidOperationException>(async () => await reader.AppendAsync(Entries.New()));
        await Should.ThrowAsync<SqliteException>(() => reader.Database.ReadAsync(connection => Run(connection, "DELETE FROM ledger"), default));
    }

    [Fact]
    public async Task Only_the_writer_checkpoints_and_it_flushes_every_commit()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);

        (await store.Database.WriteAsync(connection => Run(connection, "PRAGMA journal_mode"), default)).ShouldBe("wal");
        (await store.Database.WriteAsync(connection => Run(connection, "PRAGMA synchronous"), default)).ShouldBe(2L);
        (await store.Database.WriteAsync(connection => Run(connection, "PRAGMA foreign_keys"), default)).ShouldBe(1L);
        (await store.Database.WriteAsync(connection => Run(connection, "PRAGMA wal_autocheckpoint"), default)).ShouldBe(1000L);
        (await store.Database.ReadAsync(connection => Run(connection, "PRAGMA wal_autocheckpoint"), default)).ShouldBe(0L);
        SqliteStore.EngineVersion.ShouldBe(await store.Database.ReadAsync(connection => Run(connection, "SELECT sqlite_version()"), default));
    }

    [Theory]
    [InlineData("PRAGMA journal_mode = DELETE", "journal_mode is delete")]
    [InlineData("PRAGMA synchronous = NORMAL", "synchronous is 1")]
    [InlineData("PRAGMA foreign_keys = OFF", "foreign keys")]
    public void A_file_that_would_not_be_durable_is_refused(string setting, string message)
    {
        using var connection = Open();
        Run(connection, "PRAGMA journal_mode = WAL");
        Run(connection, "PRAGMA synchronous = FULL");
        Run(connection, "PRAGMA foreign_keys = ON");
        SqliteSettings.Check(connection, StorePath);
        Run(connection, setting);
        var error = Should.Throw<IOException>(() => SqliteSettings.Check(connection, StorePath));
        error.Message.ShouldContain(StorePath);
        error.Message.ShouldContain(message);
    }

    [Fact]
    public async Task The_file_is_its_owners_only()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var store = await SqliteStore.OpenAsync(StorePath);
        await store.AppendAsync(Entries.New());

        foreach (var file in new[] { StorePath, StorePath + "-wal" })
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Closing_folds_everything_into_the_one_file()
    {
        await using (var store = await SqliteStore.OpenAsync(StorePath))
        {
            await store.AppendAsync(Entries.New(7));
            await store.SumCostAsync(new LedgerQuery());
        }

        File.Exists(StorePath + "-wal").ShouldBeFalse();
        File.Copy(StorePath, _folder.PathOf("copy.db"));
        await using var copy = await SqliteStore.OpenAsync(_folder.PathOf("copy.db"));
        (await copy.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(7));
    }

    [Fact]
    public async Task Closing_commits_what_waits_and_later_calls_are_told()
    {
        var store = await SqliteStore.OpenAsync(StorePath);
        using var gate = new ManualResetEventSlim();
        var blocker = BlockWriter(store, gate);
        var waiting = Enumerable.Range(0, 300).Select(_ => store.AppendAsync(Entries.New()).AsTask()).ToArray();
        var closing = store.DisposeAsync();
        gate.Set();

        await closing;
        await store.DisposeAsync();
        await blocker;
        await Task.WhenAll(waiting);

        await Should.ThrowAsync<ObjectDisposedException>(async () => await store.AppendAsync(Entries.New()));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await store.SumCostAsync(new LedgerQuery()));
        await using var reopened = await SqliteStore.OpenAsync(StorePath);
        (await reopened.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(300));
    }

    [Fact]
    public async Task Cancelling_an_append_that_still_waits_stores_nothing()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        using var gate = new ManualResetEventSlim();
        var blocker = BlockWriter(store, gate);
        using var cancellation = new CancellationTokenSource();
        var cancelled = store.AppendTurnAsync("c", 0, [Message("a")], cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        gate.Set();
        await blocker;

        (await store.AppendTurnAsync("c", 0, [Message("b")])).ShouldBe(1);
    }

    [Fact]
    public async Task A_write_that_fails_does_not_touch_those_committed_with_it()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        using var gate = new ManualResetEventSlim();
        var blocker = BlockWriter(store, gate);
        var first = store.AppendTurnAsync("c", 0, [Message("a"), Message("b")]).AsTask();
        var conflict = store.AppendTurnAsync("c", 0, [Message("x")]).AsTask();
        var broken = store.Database.WriteAsync(connection => Run(connection, "INSERT INTO ledger (line) VALUES (1)"), default);
        var second = store.AppendTurnAsync("c", 2, [Message("c")]).AsTask();
        gate.Set();

        await blocker;
        (await first).ShouldBe(2);
        (await Should.ThrowAsync<ConversationConflictException>(() => conflict)).ActualVersion.ShouldBe(2);
        await Should.ThrowAsync<SqliteException>(() => broken);
        (await second).ShouldBe(3);
        (await store.ReadAsync("c", 100)).Messages.Select(message => message.Message.Text).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_full_disk_fails_the_write_whole_and_passes_when_there_is_room()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        await store.AppendTurnAsync("c", 0, [Message("a")]);
        await store.Database.WriteAsync(connection => Run(connection, "PRAGMA max_page_count = 1"), default);
        CountedMessage[] turn = [Message("b"), Message(new string('x', 1_000_000))];

        await Should.ThrowAsync<SqliteException>(async () => await store.AppendTurnAsync("c", 1, turn));
        (await store.ReadAsync("c", 100)).Version.ShouldBe(1);

        await store.Database.WriteAsync(connection => Run(connection, "PRAGMA max_page_count = 1000000"), default);
        (await store.AppendTurnAsync("c", 1, turn)).ShouldBe(3);
    }

    [Fact]
    public async Task A_file_locked_by_another_program_is_waited_for()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        using var other = Open();
        Run(other, "BEGIN IMMEDIATE");

        var append = store.AppendAsync(Entries.New(3)).AsTask();
        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(Usd.Zero, "reading goes on");
        append.IsCompleted.ShouldBeFalse();
        Run(other, "ROLLBACK");

        await append;
        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(3));
    }

    [Fact]
    public async Task A_file_locked_for_too_long_fails_the_write_whole_and_passes_when_it_is_free()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        await store.AppendTurnAsync("c", 0, [Message("a")]);
        await store.Database.WriteAsync(connection => connection.DefaultTimeout = 1, default);
        await store.Database.WriteAsync(connection => Run(connection, "PRAGMA busy_timeout = 1"), default);
        using var other = Open();
        Run(other, "BEGIN IMMEDIATE");

        (await Should.ThrowAsync<SqliteException>(async () => await store.AppendTurnAsync("c", 1, [Message("b")]))).SqliteErrorCode.ShouldBe(5);
        (await Should.ThrowAsync<SqliteException>(async () => await store.AppendAsync(Entries.New(3)))).SqliteErrorCode.ShouldBe(5);
        Run(other, "ROLLBACK");

        (await store.AppendTurnAsync("c", 1, [Message("b")])).ShouldBe(2);
        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(Usd.Zero, "what was refused is not there");
    }

    [Fact]
    public async Task A_file_that_may_not_be_written_refuses_the_write_whole()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        await store.AppendTurnAsync("c", 0, [Message("a")]);
        await store.Database.WriteAsync(connection => Run(connection, "PRAGMA query_only = ON"), default);

        (await Should.ThrowAsync<SqliteException>(async () => await store.AppendTurnAsync("c", 1, [Message("b")]))).SqliteErrorCode.ShouldBe(8);
        (await Should.ThrowAsync<SqliteException>(async () => await store.SaveSummaryAsync("c", new ConversationSummary("s", 0, 1, default)))).SqliteErrorCode.ShouldBe(8);
        (await Should.ThrowAsync<SqliteException>(async () => await store.AppendAsync(Entries.New(3)))).SqliteErrorCode.ShouldBe(8);
        var slice = await store.ReadAsync("c", 100);
        (slice.Version, slice.Summary).ShouldBe((1, null));
    }

    [Fact]
    public async Task A_long_query_is_interrupted_by_cancelling()
    {
        await using var store = await SqliteStore.OpenAsync(StorePath);
        using var cancellation = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        var endless = store.Database.ReadAsync(
            connection =>
            {
                connection.CreateFunction("started", () => { started.Set(); return 1; });
                return Run(connection, "WITH RECURSIVE n(i) AS (SELECT started() UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n");
            },
            cancellation.Token);

        started.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => endless);
        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(Usd.Zero);
    }

    [Fact]
    public async Task A_deleted_conversation_leaves_nothing_in_the_file()
    {
        const string secret = "a secret that must not be found";
        await using (var store = await SqliteStore.OpenAsync(StorePath))
        {
            await store.AppendTurnAsync("c", 0, [Message(secret)]);
            await store.DeleteAsync("c");
        }

        (await File.ReadAllTextAsync(StorePath, System.Text.Encoding.Latin1)).ShouldNotContain(secret);
    }

    private static CountedMessage Message(string text) => new(new ChatMessage(ChatRole.User, text), 1);

    /// <summary>Keeps the writer busy until the gate opens; what is asked of it meanwhile waits and is then committed together.</summary>
    private static Task<int> BlockWriter(SqliteStore store, ManualResetEventSlim gate)
    {
        using var begun = new ManualResetEventSlim();
        var blocker = store.Database.WriteAsync(
            _ =>
            {
                begun.Set();
                gate.Wait(TimeSpan.FromSeconds(30));
                return 0;
            },
            default);
        begun.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        return blocker;
    }

    private SqliteConnection Open()
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        using var connection = Open();
        Run(connection, sql);
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
