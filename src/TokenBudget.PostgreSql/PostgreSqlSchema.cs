using System.Globalization;
using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>The tables, and the steps by which a schema of an older version becomes one of this version.</summary>
internal static class PostgreSqlSchema
{
    /// <exception cref="ArgumentException">The name could mean something else inside SQL.</exception>
    public static void CheckName(string schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(schema);
        if (schema.Length > 63 || char.IsAsciiDigit(schema[0]) || !schema.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            throw new ArgumentException(
                $"'{schema}' is no schema name: lower-case letters, digits and underscores, not starting with a digit, at most 63.",
                nameof(schema));
        }
    }

    /// <summary>Brings the schema to this version. Processes that start together do it one after the other.</summary>
    /// <param name="source">The data source.</param>
    /// <param name="schema">The schema's name.</param>
    /// <param name="cancellationToken">Cancels; then nothing was changed.</param>
    /// <param name="target">The version to stop at, for tests of the way from there; by default this release's.</param>
    /// <exception cref="InvalidDataException">The schema is from a newer version.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource source, string schema, CancellationToken cancellationToken, int? target = null)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        // Nothing to do, as nearly always: processes that start together do not wait for each other.
        if (target is null && await FindVersionAsync(connection, schema, cancellationToken).ConfigureAwait(false) == Version)
            return;
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);

        // Held until the commit. CREATE ... IF NOT EXISTS alone fails when two run it at the same instant.
        await ExecuteAsync($"SELECT pg_advisory_xact_lock(hashtextextended('tokenbudget.{schema}', 0))").ConfigureAwait(false);
        // CREATE SCHEMA IF NOT EXISTS wants the right to create schemas even when there is nothing to create.
        if (await NumberAsync($"SELECT COUNT(*) FROM pg_namespace WHERE nspname = '{schema}'").ConfigureAwait(false) == 0)
            await ExecuteAsync($"CREATE SCHEMA {schema}").ConfigureAwait(false);
        var tables = $"SELECT COUNT(*) FROM pg_tables WHERE schemaname = '{schema}' AND tablename = 'schema_version'";
        if (await NumberAsync(tables).ConfigureAwait(false) == 0)
            await ExecuteAsync($"CREATE TABLE {schema}.schema_version AS SELECT 0 AS version").ConfigureAwait(false);

        var steps = Steps(schema);
        var version = await NumberAsync($"SELECT version FROM {schema}.schema_version").ConfigureAwait(false);
        if (version > steps.Length)
        {
            throw new InvalidDataException(
                $"The TokenBudget schema '{schema}' has version {version}, but this release knows versions up to {steps.Length}. "
                + "Update the TokenBudget.PostgreSql package.");
        }

        var end = target ?? steps.Length;
        if (version >= end)
            return;
        for (; version < end; version++)
            await ExecuteAsync(steps[version]).ConfigureAwait(false);
        await ExecuteAsync($"UPDATE {schema}.schema_version SET version = {end}").ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);

        async Task ExecuteAsync(string sql)
        {
            var command = new NpgsqlCommand(sql, connection, transaction);
            await using var ___ = command.ConfigureAwait(false);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        async Task<long> NumberAsync(string sql)
        {
            var command = new NpgsqlCommand(sql, connection, transaction);
            await using var ___ = command.ConfigureAwait(false);
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Checks that the tables can be read as they are.</summary>
    /// <exception cref="InvalidDataException">There are none, or they are from another version.</exception>
    public static async Task CheckCurrentAsync(NpgsqlDataSource source, string schema, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var version = await FindVersionAsync(connection, schema, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException($"There is no TokenBudget schema '{schema}' in this database.");
        if (version != Version)
        {
            throw new InvalidDataException(
                $"The TokenBudget schema '{schema}' has version {version}; this release reads {Version}. "
                + (version > Version ? "Update the TokenBudget.PostgreSql package." : "Open it for writing once to bring it up to date."));
        }
    }

    /// <summary>The version of the schema; none, when it is not there.</summary>
    private static async Task<long?> FindVersionAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        try
        {
            var command = new NpgsqlCommand($"SELECT version FROM {schema}.schema_version", connection);
            await using var _ = command.ConfigureAwait(false);
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    /// <summary>The version of this release.</summary>
    public static int Version { get; } = Steps("any").Length;

    // Step n leads from version n to n + 1. A released step never changes. A step only adds: processes of the release before go on working on the
    // same tables while a new release is rolled out.
    // Messages are text and not jsonb, which refuses NUL and forgets the order of keys and the spelling of numbers.
    private static string[] Steps(string schema) =>
    [
        $"""
        CREATE TABLE {schema}.conversations (
            conversation    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id              text COLLATE "C" NOT NULL UNIQUE,
            version         bigint NOT NULL,
            summary         text,
            summary_through bigint,
            summary_tokens  bigint,
            summary_at      bigint
        );

        CREATE TABLE {schema}.messages (
            conversation bigint NOT NULL REFERENCES {schema}.conversations ON DELETE CASCADE,
            sequence     bigint NOT NULL,
            turn         bigint NOT NULL,
            tokens       bigint NOT NULL,
            message      text NOT NULL
        );

        -- Turn and tokens are part of it, so that finding where to start reads no message.
        CREATE UNIQUE INDEX messages_in_order ON {schema}.messages (conversation, sequence) INCLUDE (turn, tokens);

        CREATE TABLE {schema}.ledger (
            line           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id             uuid NOT NULL UNIQUE,
            at             bigint NOT NULL,
            agent          text COLLATE "C" NOT NULL,
            method         text COLLATE "C" NOT NULL,
            model          text COLLATE "C" NOT NULL,
            budget         text COLLATE "C" NOT NULL,
            tenant         text COLLATE "C",
            outcome        bigint NOT NULL,
            fresh_input    bigint NOT NULL,
            cache_read     bigint NOT NULL,
            cache_write_5m bigint NOT NULL,
            cache_write_1h bigint NOT NULL,
            output         bigint NOT NULL,
            reasoning      bigint NOT NULL,
            cost           bigint NOT NULL,
            is_estimate    boolean NOT NULL
        );

        CREATE INDEX ledger_by_time ON {schema}.ledger (at, line);
        CREATE INDEX ledger_by_budget ON {schema}.ledger (budget, at) INCLUDE (outcome, cost);
        """,
        // Every summary is kept, whoever writes it where the newest stands; and conversations have an age. How old those are that are there is
        // not known: they are as young as this step, and so are those that a process of the release before creates.
        $"""
        CREATE TABLE {schema}.summaries (
            conversation bigint NOT NULL REFERENCES {schema}.conversations ON DELETE CASCADE,
            through      bigint NOT NULL,
            tokens       bigint NOT NULL,
            at           bigint NOT NULL,
            summary      text NOT NULL,
            PRIMARY KEY (conversation, through)
        );

        INSERT INTO {schema}.summaries (conversation, through, tokens, at, summary)
        SELECT conversation, summary_through, summary_tokens, summary_at, summary FROM {schema}.conversations WHERE summary IS NOT NULL;

        CREATE FUNCTION {schema}.keep_summary() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO {schema}.summaries (conversation, through, tokens, at, summary)
            VALUES (NEW.conversation, NEW.summary_through, NEW.summary_tokens, NEW.summary_at, NEW.summary);
            RETURN NULL;
        END $$;
        CREATE TRIGGER keep_summary AFTER UPDATE OF summary ON {schema}.conversations
            FOR EACH ROW WHEN (NEW.summary IS NOT NULL) EXECUTE FUNCTION {schema}.keep_summary();

        -- Ticks, as at. The default is worked out once for the rows that are there: none is rewritten.
        ALTER TABLE {schema}.conversations
            ADD COLUMN active bigint NOT NULL DEFAULT floor(extract(epoch FROM now()))::bigint * 10000000 + 621355968000000000;
        CREATE INDEX conversations_by_activity ON {schema}.conversations (active);
        """,
        // What was learned about counting.
        $"""
        CREATE TABLE {schema}.calibrations (
            model    text COLLATE "C" NOT NULL,
            scope    text COLLATE "C" NOT NULL,
            ratio    double precision NOT NULL,
            constant double precision NOT NULL,
            samples  bigint NOT NULL,
            PRIMARY KEY (model, scope)
        );
        """,
        // The distributed cache. Unlogged, because what a crash takes from a cache is made again; the value aside, so that cleaning up reads none.
        $"""
        CREATE UNLOGGED TABLE {schema}.cache (
            key        bytea PRIMARY KEY,
            value      bytea NOT NULL,
            bytes      bigint NOT NULL GENERATED ALWAYS AS (octet_length(value) + 100) STORED,
            ends_at    timestamptz,
            sliding    interval,
            expires_at timestamptz,
            used_at    timestamptz NOT NULL
        );
        CREATE INDEX cache_by_expiry ON {schema}.cache (expires_at) WHERE expires_at IS NOT NULL;
        """,
        SharedLimitSchema.Step(schema),
        SharedBudgetSchema.Step(schema),
        // Audio has prices of its own. A process of the release before knows none, and writes lines without.
        $"""
        ALTER TABLE {schema}.ledger
            ADD COLUMN audio_input bigint NOT NULL DEFAULT 0,
            ADD COLUMN audio_cache_read bigint NOT NULL DEFAULT 0,
            ADD COLUMN audio_output bigint NOT NULL DEFAULT 0;
        """,
        NoticeSchema.Step(schema),
        BudgetLockSchema.Step(schema),
        SharedLimitMemorySchema.Step(schema),
        BudgetPauseSchema.Step(schema),
    ];
}
