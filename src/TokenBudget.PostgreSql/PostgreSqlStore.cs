using System.Runtime.CompilerServices;
using Npgsql;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <summary>
/// Conversations, summaries, the ledger, shared limits, what was learned about counting, and what processes tell each other, in PostgreSQL (12 or later), for any number of processes and machines.
/// </summary>
/// <remarks>
/// <para>Durable: when a write's task completes, PostgreSQL has committed it, by its own <c>synchronous_commit</c>.</para>
/// <para>
/// Thread-safe. Every call takes a connection of the pool for its duration. Errors of the server and the network are
/// <see cref="NpgsqlException"/>; the store recovers by itself when the cause is gone. When a connection breaks, appending a ledger line is
/// repeated, which is safe because lines are known by their id; nothing else is repeated. That the server does not answer is a <see cref="NpgsqlException"/> around a <see cref="TimeoutException"/>: after a second
/// for lines of the ledger, two for shared limits, and the <c>Command Timeout</c> of the connection string for all else (30 seconds unless set). Who cancels does not wait for the server.
/// </para>
/// </remarks>
public sealed partial class PostgreSqlStore : IConversationStore, IConversationSizes, IReservationLedger, ICalibrationStore, ISharedLimitStore, IBackplane, IAsyncDisposable
{
    // After a restart of the server every pooled connection is stale; the first failure makes the pool forget them all.
    private const int RepeatableAttempts = 3;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource? _listening;
    private readonly bool _ownsSource;
    private readonly ConversationSql _conversations;
    private readonly LedgerSql _ledger;
    private readonly CalibrationSql _calibrations;
    private readonly PostgreSqlWriter _writer;
    private readonly TimeSpan _limit;
    private int _isDisposed;

    /// <param name="source">The connections.</param>
    /// <param name="ownsSource">Whether they are the store's own.</param>
    /// <param name="schema">The schema, checked.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="listening">Makes the connection to listen on, outside the pool; none, it is one of the pool.</param>
    private PostgreSqlStore(NpgsqlDataSource source, bool ownsSource, string schema, ServerClock clock, NpgsqlDataSource? listening = null)
    {
        _source = source;
        _ownsSource = ownsSource;
        _listening = listening;
        _limit = TimedAnswer.LimitOf(source);
        _schema = schema;
        _conversations = new ConversationSql(schema + ".");
        _ledger = new LedgerSql(schema + ".");
        _calibrations = new CalibrationSql(schema + ".");
        _exchange = $"SELECT * FROM {schema}.exchange_shares_v2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        _reserve = $"SELECT * FROM {schema}.reserve_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        _open = $"""
            INSERT INTO {schema}.budgets (name, period, starts, ends, taken, approved)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6) AS k(name, period, starts, ends, taken, approved) ORDER BY k.name COLLATE "C", k.period COLLATE "C", k.starts
            ON CONFLICT DO NOTHING
            """;
        _balances = $"""
            SELECT b.taken, b.approved, b.paused FROM unnest($1, $2, $3) WITH ORDINALITY AS k(name, period, starts, ord)
            LEFT JOIN {schema}.budgets AS b ON b.name = k.name AND b.period = k.period AND b.starts = k.starts ORDER BY k.ord
            """;
        _writer = new PostgreSqlWriter(source, schema);
        _clock = clock;
        _heartbeat = new Heartbeat(source, schema, _holder, clock, count => UnsettledFound?.Invoke(this, count));
    }

    /// <summary>Connects, and creates the tables or brings them up to date; safe when several processes do so at once.</summary>
    /// <param name="connectionString">Npgsql's, for example <c>Host=db;Database=agents;Username=agents</c>.</param>
    /// <param name="options">Where the tables are; by default in the schema <c>tokenbudget</c>.</param>
    /// <param name="cancellationToken">Cancels; then nothing was created.</param>
    /// <exception cref="ArgumentException">The connection string or the schema's name is malformed.</exception>
    /// <exception cref="InvalidDataException">The tables are from a newer version of this package.</exception>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public static async Task<PostgreSqlStore> OpenAsync(
        string connectionString,
        PostgreSqlStoreOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var source = NpgsqlDataSource.Create(KeptAlive(connectionString));
        try
        {
            return await OpenAsync(source, ownsSource: true, options, connectionString, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects for reading only: nothing is created or brought up to date, and writes are refused by the server.</summary>
    /// <param name="connectionString">Npgsql's, for example <c>Host=db;Database=agents;Username=agents</c>.</param>
    /// <param name="options">Where the tables are; by default in the schema <c>tokenbudget</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArgumentException">The connection string or the schema's name is malformed.</exception>
    /// <exception cref="InvalidDataException">There are no tables, or they are from another version of this package.</exception>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public static async Task<PostgreSqlStore> OpenReadOnlyAsync(
        string connectionString,
        PostgreSqlStoreOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var schema = (options ?? new PostgreSqlStoreOptions()).Schema;
        PostgreSqlSchema.CheckName(schema);
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = $"{builder.Options} -c default_transaction_read_only=on".Trim();
        var source = NpgsqlDataSource.Create(builder);
        try
        {
            await PostgreSqlSchema.CheckCurrentAsync(source, schema, cancellationToken).ConfigureAwait(false);
            return new PostgreSqlStore(source, ownsSource: true, schema, new ServerClock());
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects as <see cref="OpenAsync(string, PostgreSqlStoreOptions, CancellationToken)"/> does, on a data source of the caller's, who also disposes it.</summary>
    /// <param name="source">The data source.</param>
    /// <param name="options">Where the tables are; by default in the schema <c>tokenbudget</c>.</param>
    /// <param name="cancellationToken">Cancels; then nothing was created.</param>
    /// <exception cref="ArgumentException">The schema's name is malformed.</exception>
    /// <exception cref="InvalidDataException">The tables are from a newer version of this package.</exception>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public static Task<PostgreSqlStore> OpenAsync(
        NpgsqlDataSource source,
        PostgreSqlStoreOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return OpenAsync(source, ownsSource: false, options, connectionString: null, cancellationToken);
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
        var messages = turn.Select(static message => (ChatMessageJson.Write(message.Message), message.Tokens)).ToArray();

        return await AnswerAsync(stop => AppendAsync(conversationId, expectedVersion, turn, messages, cancellationToken, stop), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ConversationSlice> ReadAsync(string conversationId, int maxTokens, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckRead(conversationId, maxTokens);
        return await AnswerAsync(stop => ReadSliceAsync(conversationId, maxTokens, stop), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SaveSummaryAsync(string conversationId, ConversationSummary summary, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckSummary(conversationId, summary);
        return await AnswerAsync(stop => SaveAsync(conversationId, summary, stop), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string conversationId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        long position = 0;
        List<CountedMessage> page;
        do
        {
            var from = position;
            page = await ListAsync(command => _conversations.History(command, conversationId, from), ConversationSql.MessageOf, cancellationToken).ConfigureAwait(false);
            position += page.Count;
            foreach (var message in page)
                yield return message;
        }
        while (page.Count == ConversationSql.HistoryPage);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        return await ListAsync(command => _conversations.Summaries(command, conversationId), ConversationSql.SummaryOf, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ConversationSizes> ReadSizesAsync(int newest, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newest, 1);
        return ConversationSql.SizesOf(await ListAsync(command => _conversations.Sizes(command, newest), ConversationSql.SizeOf, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        return await ExecuteAsync(command => _conversations.Delete(command, conversationId), cancellationToken).ConfigureAwait(false) > 0;
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        for (var deleted = 0; ;)
        {
            var page = await ExecuteAsync(command => _conversations.DeleteInactive(command, before), cancellationToken).ConfigureAwait(false);
            deleted += page;
            if (page == 0)
                return deleted;
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var command = new NpgsqlCommand();
                _ledger.Append(command, entry);
                await _writer.RunAsync<bool>(Batched(command), new TouchedBudgets([StoredText.Escape(entry.Budget)], entry.At.UtcTicks, entry.Id), read: null, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException error) when (TimedAnswer.IsBrokenConnection(error) && attempt < RepeatableAttempts)
            {
                // Whether the line is there or not: the next attempt leaves exactly one.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return (await ListAsync(command => _ledger.Sum(command, query), static row => LedgerSql.SumOf(row), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var totals = new Dictionary<LedgerKey, LedgerTotal>();
        await ReadRowsAsync(command => _ledger.Total(command, query, by), row => LedgerSql.AddTotal(row, totals), cancellationToken).ConfigureAwait(false);
        return LedgerSql.InOrder(totals);
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
        return (await ListAsync(command => _calibrations.Load(command, model, scope), row => CalibrationSql.StateOf(row, model, scope), cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    /// <inheritdoc/>
    async ValueTask ICalibrationStore.SaveAsync(CalibrationState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        await ExecuteAsync(command => _calibrations.Save(command, state), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections, if they are the store's own.</summary>
    public async ValueTask DisposeAsync()
    {
        // A container that knows the store under several contracts closes it as often.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        if (_listening is not null)
            await _listening.DisposeAsync().ConfigureAwait(false);
        await _heartbeat.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        if (_ownsSource)
            await _source.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A connection that died without a word is noticed within half a minute, also by who waits for an answer on it.</summary>
    private static NpgsqlConnectionStringBuilder KeptAlive(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (builder is { TcpKeepAlive: false, TcpKeepAliveTime: 0 })
            (builder.TcpKeepAlive, builder.TcpKeepAliveTime, builder.TcpKeepAliveInterval) = (true, 10, 2);
        return builder;
    }

    private static async Task<PostgreSqlStore> OpenAsync(
        NpgsqlDataSource source,
        bool ownsSource,
        PostgreSqlStoreOptions? options,
        string? connectionString,
        CancellationToken cancellationToken)
    {
        var schema = (options ?? new PostgreSqlStoreOptions()).Schema;
        PostgreSqlSchema.CheckName(schema);
        await PostgreSqlSchema.MigrateAsync(source, schema, cancellationToken).ConfigureAwait(false);
        var clock = new ServerClock();
        await TimedAnswer.WithinAsync(TimedAnswer.LimitOf(source), stop => clock.ReadAsync(source, stop), cancellationToken).ConfigureAwait(false);
        return new PostgreSqlStore(source, ownsSource, schema, clock, connectionString is null ? null : ListeningSource(connectionString));
    }

    private async IAsyncEnumerable<LedgerEntry> ReadPagesAsync(LedgerQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = LedgerSql.Start;
        List<LedgerEntry> page;
        do
        {
            var after = position;
            page = [];
            await ReadRowsAsync(
                command => _ledger.Page(command, query, after),
                row =>
                {
                    page.Add(LedgerSql.EntryOf(row));
                    position = LedgerSql.PositionOf(row);
                },
                cancellationToken).ConfigureAwait(false);
            foreach (var entry in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return entry;
            }
        }
        while (page.Count == LedgerSql.PageSize);
    }

    private async Task<long> AppendAsync(
        string conversationId, long expectedVersion, IReadOnlyList<CountedMessage> turn, (string Json, int Tokens)[] messages, CancellationToken cancelled, CancellationToken stop)
    {
        var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);

        if (await AdvanceAsync(connection, conversationId, expectedVersion, turn, stop).ConfigureAwait(false) is not { } conversation)
        {
            var actual = await VersionOfAsync(connection, conversationId, stop).ConfigureAwait(false);
            throw new ConversationConflictException(conversationId, expectedVersion, actual);
        }

        await InsertAsync(connection, conversation, expectedVersion, messages, stop).ConfigureAwait(false);
        // Who has cancelled is gone already, and has been promised that nothing is stored.
        cancelled.ThrowIfCancellationRequested();
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return expectedVersion + messages.Length;
    }

    private async Task<ConversationSlice> ReadSliceAsync(string conversationId, int maxTokens, CancellationToken stop)
    {
        var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = CommandOn(connection);
        await using var __ = command.ConfigureAwait(false);
        _conversations.Read(command, conversationId, maxTokens);
        // Planning it takes the server longer than reading: once for each connection of the pool.
        await command.PrepareAsync(stop).ConfigureAwait(false);
        var slice = ConversationSlice.Empty;
        var messages = new List<CountedMessage>();
        var row = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var ___ = row.ConfigureAwait(false);
        while (await row.ReadAsync(stop).ConfigureAwait(false))
            ConversationSql.AddRow(row, ref slice, messages);
        return slice;
    }

    private async Task<bool> SaveAsync(string conversationId, ConversationSummary summary, CancellationToken stop)
    {
        var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = CommandOn(connection);
        await using var __ = command.ConfigureAwait(false);
        _conversations.SaveSummary(command, conversationId, summary);
        if (await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false) > 0)
            return true;
        var version = await VersionOfAsync(connection, conversationId, stop).ConfigureAwait(false);
        return summary.ThroughSequence < version
            ? false
            : throw StoreArguments.BeyondLastMessage(conversationId, summary.ThroughSequence, version);
    }

    /// <returns>The conversation's key; <see langword="null"/> when it is at another version.</returns>
    private async Task<long?> AdvanceAsync(
        NpgsqlConnection connection,
        string conversationId,
        long expectedVersion,
        IReadOnlyList<CountedMessage> turn,
        CancellationToken cancellationToken)
    {
        if (expectedVersion == 0)
        {
            var create = CommandOn(connection);
            await using var _ = create.ConfigureAwait(false);
            _conversations.Create(create, conversationId);
            await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        var advance = CommandOn(connection);
        await using var __ = advance.ConfigureAwait(false);
        _conversations.Advance(advance, conversationId, expectedVersion, turn.Count, StoreArguments.ActivityOf(turn, TimeProvider.System));
        return (long?)await advance.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All messages in one round trip.</summary>
    private async Task InsertAsync(
        NpgsqlConnection connection,
        long conversation,
        long turn,
        (string Json, int Tokens)[] messages,
        CancellationToken cancellationToken)
    {
        var batch = connection.CreateBatch();
        await using var _ = batch.ConfigureAwait(false);
        batch.Timeout = TimedAnswer.NoTimeout;
        for (var i = 0; i < messages.Length; i++)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(_conversations.InsertText)
            {
                Parameters =
                {
                    new NpgsqlParameter<long>("@conversation", conversation),
                    new NpgsqlParameter<long>("@sequence", turn + i),
                    new NpgsqlParameter<long>("@turn", turn),
                    new NpgsqlParameter<long>("@tokens", messages[i].Tokens),
                    new NpgsqlParameter<string>("@message", messages[i].Json),
                },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<T> AnswerAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => TimedAnswer.WithinAsync(_limit, ask, cancellationToken);

    private Task<int> ExecuteAsync(Action<NpgsqlCommand> ask, CancellationToken cancellationToken) => AnswerAsync(
        async stop =>
        {
            var command = Command();
            await using var _ = command.ConfigureAwait(false);
            ask(command);
            return await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        },
        cancellationToken);

    private async Task<List<T>> ListAsync<T>(Action<NpgsqlCommand> ask, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        await ReadRowsAsync(ask, row => all.Add(read(row)), cancellationToken).ConfigureAwait(false);
        return all;
    }

    private Task<bool> ReadRowsAsync(Action<NpgsqlCommand> ask, Action<NpgsqlDataReader> read, CancellationToken cancellationToken) => AnswerAsync(
        async stop =>
        {
            var command = Command();
            await using var _ = command.ConfigureAwait(false);
            ask(command);
            var row = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            while (await row.ReadAsync(stop).ConfigureAwait(false))
                read(row);
            return true;
        },
        cancellationToken);

    private NpgsqlCommand Command(string? text = null)
    {
        var command = _source.CreateCommand(text);
        command.CommandTimeout = TimedAnswer.NoTimeout;
        return command;
    }

    private static NpgsqlCommand CommandOn(NpgsqlConnection connection, string? text = null) => new(text, connection) { CommandTimeout = TimedAnswer.NoTimeout };

    private async Task<long> VersionOfAsync(NpgsqlConnection connection, string conversationId, CancellationToken cancellationToken)
    {
        var command = CommandOn(connection);
        await using var _ = command.ConfigureAwait(false);
        _conversations.Version(command, conversationId);
        return (long?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) ?? 0;
    }
}
