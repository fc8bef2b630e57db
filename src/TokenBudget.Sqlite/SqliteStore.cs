using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>Conversations, summaries, the ledger and what was learned about counting in one SQLite file, for one process.</summary>
/// <remarks>
/// <para>
/// Durable: when a write's task completes, the change survives the end of the process and of the power (WAL, <c>synchronous=FULL</c>).
/// Writes that wait together share one flush to the disk.
/// </para>
/// <para>
/// Thread-safe; share one store in a process. SQLite works synchronously, so writes run on one thread of the pool and reads on a few others:
/// callers never block. Reads do not wait for writes. A file locked by another program is waited for, 5 seconds at most.
/// </para>
/// <para>
/// Beside the file lie <c>-wal</c> and <c>-shm</c> while it is open (copy all three, or none) and an empty <c>.lock</c>. Errors of SQLite are
/// <see cref="SqliteException"/>, a damaged file is an <see cref="InvalidDataException"/>; the store recovers by itself when the cause is gone.
/// </para>
/// </remarks>
public sealed class SqliteStore : IConversationStore, IConversationSizes, IReservationLedger, ICalibrationStore, IAsyncDisposable
{
    private static readonly ConversationSql Conversations = new("");
    private static readonly LedgerSql Ledger = new("");
    private static readonly CalibrationSql Calibrations = new("");

    private readonly SqliteDatabase _database;

    // What is read most is prepared once for each connection.
    private readonly ConditionalWeakTable<SqliteConnection, SqliteCommand> _newest = [];

    // And what is written most.
    private readonly ConditionalWeakTable<SqliteConnection, LedgerAppender> _appenders = [];

    private SqliteStore(SqliteDatabase database) => _database = database;

    /// <summary>The full path of the file.</summary>
    public string Path => _database.Path;

    /// <summary>The version of SQLite in use, for example <c>3.35.5</c>.</summary>
    public static string EngineVersion => SqliteDatabase.EngineVersion;

    /// <summary>
    /// How many lines were found when the file was opened whose process ended before it said what they cost. They stay at the most they can have cost
    /// (<see cref="LedgerOutcome.Unsettled"/>).
    /// </summary>
    public int UnsettledFound { get; private init; }

    bool IReservationLedger.DecidesBudgets => false;

    internal SqliteDatabase Database => _database;

    /// <summary>Opens a store for reading and writing; creates the file, readable by its owner only, when it is not there.</summary>
    /// <param name="path">The file, in a folder that exists on a local disk.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="InvalidDataException">The file is damaged, another program's, or from a newer version of this package.</exception>
    /// <exception cref="IOException">The file cannot be opened, or is open for writing elsewhere.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written.</exception>
    public static Task<SqliteStore> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(
            () =>
            {
                var database = SqliteDatabase.Open(path, out var unsettled);
                return new SqliteStore(database) { UnsettledFound = unsettled };
            },
            cancellationToken);
    }

    /// <summary>Opens a store for reading only, also while another process writes it. Writes throw <see cref="InvalidOperationException"/>.</summary>
    /// <param name="path">The file. It and its folder have to be writable all the same: SQLite keeps its read marks beside it.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, another program's, or from another version of this package.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Task<SqliteStore> OpenReadOnlyAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => new SqliteStore(SqliteDatabase.OpenReadOnly(path)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long> AppendTurnAsync(
        string conversationId,
        long expectedVersion,
        IReadOnlyList<CountedMessage> turn,
        CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckTurn(conversationId, expectedVersion, turn);
        cancellationToken.ThrowIfCancellationRequested();
        // Written as JSON here and not by the writer, which everybody shares.
        var messages = turn.Select(static message => (ChatMessageJson.Write(message.Message), message.Tokens)).ToArray();
        var activity = StoreArguments.ActivityOf(turn, TimeProvider.System);
        return await _database.WriteAsync(connection => Append(connection, conversationId, expectedVersion, messages, activity), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ConversationSlice> ReadAsync(string conversationId, int maxTokens, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckRead(conversationId, maxTokens);
        return await _database.ReadAsync(
            connection =>
            {
                var command = _newest.GetValue(connection, static connection => connection.CreateCommand());
                Conversations.ReadBack(command, conversationId);
                using var row = command.ExecuteReader();
                // As the bytes that SQLite has, which is half of the work.
                return ConversationSql.SliceOf(row, maxTokens, static (row, column) => ChatMessageJson.Read(raw.sqlite3_column_blob(row.Handle, column)));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SaveSummaryAsync(string conversationId, ConversationSummary summary, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckSummary(conversationId, summary);
        return await _database.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Conversations.SaveSummary(command, conversationId, summary);
                if (command.ExecuteNonQuery() > 0)
                    return true;
                var version = VersionOf(connection, conversationId);
                return summary.ThroughSequence < version
                    ? false
                    : throw StoreArguments.BeyondLastMessage(conversationId, summary.ThroughSequence, version);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        return ReadHistoryPagesAsync(conversationId, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        return await _database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Conversations.Summaries(command, conversationId);
                var summaries = new List<ConversationSummary>();
                using var row = command.ExecuteReader();
                while (row.Read())
                    summaries.Add(ConversationSql.SummaryOf(row));
                return summaries;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ConversationSizes> ReadSizesAsync(int newest, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newest, 1);
        return await _database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Conversations.Sizes(command, newest);
                var rows = new List<(ConversationSize, long)>();
                using var row = command.ExecuteReader();
                while (row.Read())
                    rows.Add(ConversationSql.SizeOf(row));
                return ConversationSql.SizesOf(rows);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        return await _database.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Conversations.Delete(command, conversationId);
                return command.ExecuteNonQuery() > 0;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        for (var deleted = 0; ;)
        {
            var page = await _database.WriteAsync(
                connection =>
                {
                    using var command = connection.CreateCommand();
                    Conversations.DeleteInactive(command, before);
                    return command.ExecuteNonQuery();
                },
                cancellationToken).ConfigureAwait(false);
            deleted += page;
            if (page == 0)
                return deleted;
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        // Worked out here and not by the writer, which everybody shares.
        var digest = entry.Outcome == LedgerOutcome.Reserved ? null : LedgerSeals.DigestOf(entry);
        await _database.WriteAsync(
            connection =>
            {
                _appenders.GetValue(connection, static connection => new LedgerAppender(connection)).Append(entry, digest);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks by its seals that no line of the ledger was changed, removed or slipped in. It is only read, and everybody works on meanwhile. Whoever may write the file can also write it anew
    /// with seals that fit: only <paramref name="known"/>, kept somewhere else, shows that, or that an older copy was put in its place.
    /// </summary>
    /// <param name="known">The <see cref="LedgerCheck.Seal"/> of an earlier check.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LedgerCheck> VerifyLedgerAsync(LedgerSeal? known = null, CancellationToken cancellationToken = default)
    {
        var verification = new LedgerVerification(known);
        while (await _database.ReadAsync(verification.CheckPage, cancellationToken).ConfigureAwait(false))
        {
            // A page at a time, so that a long check holds nothing open.
        }

        return await _database.ReadAsync(verification.Finish, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask<IReadOnlyList<BudgetBalance>> IReservationLedger.ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        await AppendAsync(line, cancellationToken).ConfigureAwait(false);
        return [];
    }

    /// <inheritdoc/>
    async ValueTask IReservationLedger.ReleaseAsync(Guid id, CancellationToken cancellationToken) => await _database.WriteAsync(
        connection =>
        {
            using var command = connection.CreateCommand();
            Ledger.Release(command, id);
            return command.ExecuteNonQuery();
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await _database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Ledger.Sum(command, query);
                using var row = command.ExecuteReader();
                row.Read();
                return LedgerSql.SumOf(row);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await _database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Ledger.Total(command, query, by);
                var totals = new Dictionary<LedgerKey, LedgerTotal>();
                using var row = command.ExecuteReader();
                while (row.Read())
                    LedgerSql.AddTotal(row, totals);
                return LedgerSql.InOrder(totals);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadPagesAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    async ValueTask<CalibrationState?> ICalibrationStore.LoadAsync(string model, string scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scope);
        return await _database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Calibrations.Load(command, model, scope);
                using var row = command.ExecuteReader();
                return row.Read() ? CalibrationSql.StateOf(row, model, scope) : null;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    async ValueTask ICalibrationStore.SaveAsync(CalibrationState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        await _database.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                Calibrations.Save(command, state);
                return command.ExecuteNonQuery();
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits what waits and closes the file. Calls that come later throw <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async IAsyncEnumerable<CountedMessage> ReadHistoryPagesAsync(string conversationId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long position = 0;
        List<CountedMessage> page;
        do
        {
            var from = position;
            page = await _database.ReadAsync(
                connection =>
                {
                    using var command = connection.CreateCommand();
                    Conversations.History(command, conversationId, from);
                    var messages = new List<CountedMessage>();
                    using var row = command.ExecuteReader();
                    while (row.Read())
                        messages.Add(ConversationSql.MessageOf(row));
                    return messages;
                },
                cancellationToken).ConfigureAwait(false);
            position += page.Count;
            foreach (var message in page)
                yield return message;
        }
        while (page.Count == ConversationSql.HistoryPage);
    }

    private async IAsyncEnumerable<LedgerEntry> ReadPagesAsync(LedgerQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = LedgerSql.Start;
        List<LedgerEntry> page;
        do
        {
            var after = position;
            (page, position) = await _database.ReadAsync(connection => ReadPage(connection, query, after), cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }
        }
        while (page.Count == LedgerSql.PageSize);
    }

    private static (List<LedgerEntry> Page, (long At, long Line) Last) ReadPage(SqliteConnection connection, LedgerQuery query, (long At, long Line) after)
    {
        using var command = connection.CreateCommand();
        Ledger.Page(command, query, after);
        var page = new List<LedgerEntry>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            page.Add(LedgerSql.EntryOf(row));
            after = LedgerSql.PositionOf(row);
        }

        return (page, after);
    }

    private static long Append(SqliteConnection connection, string conversationId, long expectedVersion, (string Json, int Tokens)[] messages, long activity)
    {
        if (expectedVersion == 0)
        {
            using var create = connection.CreateCommand();
            Conversations.Create(create, conversationId);
            create.ExecuteNonQuery();
        }

        using var advance = connection.CreateCommand();
        Conversations.Advance(advance, conversationId, expectedVersion, messages.Length, activity);
        if (advance.ExecuteScalar() is not long conversation)
            throw new ConversationConflictException(conversationId, expectedVersion, VersionOf(connection, conversationId));

        using var insert = connection.CreateCommand();
        insert.CommandText = Conversations.InsertText;
        var sequence = insert.Parameters.Add("@sequence", SqliteType.Integer);
        var tokens = insert.Parameters.Add("@tokens", SqliteType.Integer);
        var message = insert.Parameters.Add("@message", SqliteType.Text);
        insert.Add("@conversation", conversation);
        insert.Add("@turn", expectedVersion);
        for (var i = 0; i < messages.Length; i++)
        {
            sequence.Value = expectedVersion + i;
            tokens.Value = (long)messages[i].Tokens;
            message.Value = messages[i].Json;
            insert.ExecuteNonQuery();
        }

        return expectedVersion + messages.Length;
    }

    private static long VersionOf(SqliteConnection connection, string conversationId)
    {
        using var command = connection.CreateCommand();
        Conversations.Version(command, conversationId);
        return command.ExecuteScalar() is long version ? version : 0;
    }
}
