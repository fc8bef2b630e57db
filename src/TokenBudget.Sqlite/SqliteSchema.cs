using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TokenBudget.Sqlite;

/// <summary>The tables, and the steps by which a file of an older version becomes one of this version.</summary>
internal static class SqliteSchema
{
    // "TkBd". It tells our files from those of other programs, whose user_version means something else.
    private const long ApplicationId = 0x546B4264;

    // Step n leads from user_version n to n + 1. A released step never changes.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE conversations (
            conversation    INTEGER PRIMARY KEY AUTOINCREMENT,
            id              TEXT NOT NULL UNIQUE,
            version         INTEGER NOT NULL,
            summary         TEXT,
            summary_through INTEGER,
            summary_tokens  INTEGER,
            summary_at      INTEGER
        );

        CREATE TABLE messages (
            conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            sequence     INTEGER NOT NULL,
            turn         INTEGER NOT NULL,
            tokens       INTEGER NOT NULL,
            message      TEXT NOT NULL
        );

        -- Turn and tokens are part of it, so that finding where to start reads no message.
        CREATE UNIQUE INDEX messages_in_order ON messages (conversation, sequence, turn, tokens);

        CREATE TABLE ledger (
            line           INTEGER PRIMARY KEY AUTOINCREMENT,
            id             TEXT NOT NULL UNIQUE,
            at             INTEGER NOT NULL,
            agent          TEXT NOT NULL,
            method         TEXT NOT NULL,
            model          TEXT NOT NULL,
            budget         TEXT NOT NULL,
            tenant         TEXT,
            outcome        INTEGER NOT NULL,
            fresh_input    INTEGER NOT NULL,
            cache_read     INTEGER NOT NULL,
            cache_write_5m INTEGER NOT NULL,
            cache_write_1h INTEGER NOT NULL,
            output         INTEGER NOT NULL,
            reasoning      INTEGER NOT NULL,
            cost           INTEGER NOT NULL,
            is_estimate    INTEGER NOT NULL
        );

        CREATE INDEX ledger_by_time ON ledger (at, line);
        CREATE INDEX ledger_by_budget ON ledger (budget, at, outcome, cost);
        """,
        // Every summary is kept, whoever writes it where the newest stands; and conversations have an age. How old those are that are there is
        // not known: they are as young as this step.
        """
        CREATE TABLE summaries (
            conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            through      INTEGER NOT NULL,
            tokens       INTEGER NOT NULL,
            at           INTEGER NOT NULL,
            summary      TEXT NOT NULL,
            PRIMARY KEY (conversation, through)
        ) WITHOUT ROWID;

        INSERT INTO summaries (conversation, through, tokens, at, summary)
        SELECT conversation, summary_through, summary_tokens, summary_at, summary FROM conversations WHERE summary IS NOT NULL;

        CREATE TRIGGER keep_summary AFTER UPDATE OF summary ON conversations WHEN NEW.summary IS NOT NULL
        BEGIN
            INSERT INTO summaries (conversation, through, tokens, at, summary)
            VALUES (NEW.conversation, NEW.summary_through, NEW.summary_tokens, NEW.summary_at, NEW.summary);
        END;

        ALTER TABLE conversations ADD COLUMN active INTEGER NOT NULL DEFAULT 0; -- ticks, as at
        UPDATE conversations SET active = CAST(strftime('%s', 'now') AS INTEGER) * 10000000 + 621355968000000000;
        CREATE INDEX conversations_by_activity ON conversations (active);
        """,
        // What was learned about counting.
        """
        CREATE TABLE calibrations (
            model    TEXT NOT NULL,
            scope    TEXT NOT NULL,
            ratio    REAL NOT NULL,
            constant REAL NOT NULL,
            samples  INTEGER NOT NULL,
            PRIMARY KEY (model, scope)
        ) WITHOUT ROWID;
        """,
        // What an ended process has left reserved is found without reading the ledger.
        "CREATE INDEX ledger_reserved ON ledger (line) WHERE outcome = 6;",
        // Audio has prices of its own.
        """
        ALTER TABLE ledger ADD COLUMN audio_input INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN audio_cache_read INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN audio_output INTEGER NOT NULL DEFAULT 0;
        """,
        // Seals over the ledger. The first of them says, in minus its line, which lines were there before.
        """
        CREATE TABLE ledger_seals (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            line   INTEGER NOT NULL,
            digest BLOB NOT NULL,
            seal   BLOB NOT NULL
        );
        CREATE INDEX ledger_seals_by_line ON ledger_seals (line);
        """,
        // Whether a budget was paused by hand is asked whenever a period of it begins.
        "CREATE INDEX ledger_pauses ON ledger (budget, at) WHERE outcome = 8;",
    ];

    /// <summary>The version of this release.</summary>
    public static int Version => Steps.Length;

    /// <summary>Brings the file to this version; leaves it as it was when that fails.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="path">The file.</param>
    /// <param name="target">The version to stop at, for tests of the way from there; by default this release's.</param>
    /// <exception cref="InvalidDataException">The file is another program's, or from a newer version.</exception>
    public static void Migrate(SqliteConnection connection, string path, int? target = null)
    {
        var end = target ?? Version;
        Execute(connection, "BEGIN IMMEDIATE");
        try
        {
            var version = CheckVersion(connection, path);
            for (; version < end; version++)
                Execute(connection, Steps[version]);
            Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {end}; COMMIT");
        }
        catch
        {
            Execute(connection, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Checks that the file can be read as it is.</summary>
    /// <exception cref="InvalidDataException">The file is another program's, or from another version.</exception>
    public static void CheckCurrent(SqliteConnection connection, string path)
    {
        var version = CheckVersion(connection, path);
        if (version < Steps.Length)
        {
            throw new InvalidDataException(
                $"The TokenBudget store '{path}' has version {version}; this release reads {Steps.Length}. Open it for writing once to bring it up to date.");
        }
    }

    private static int CheckVersion(SqliteConnection connection, string path)
    {
        var isEmpty = Number(connection, "SELECT COUNT(*) FROM sqlite_master") == 0;
        if (!isEmpty && Number(connection, "PRAGMA application_id") != ApplicationId)
            throw new InvalidDataException($"'{path}' is a SQLite database of another program, not a TokenBudget store. Choose another file.");

        var version = Number(connection, "PRAGMA user_version");
        if (version > Steps.Length)
        {
            throw new InvalidDataException(
                $"The TokenBudget store '{path}' has version {version}, but this release knows versions up to {Steps.Length}. "
                + "Update the TokenBudget.Sqlite package.");
        }

        return (int)version;
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
