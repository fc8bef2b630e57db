using Microsoft.Data.Sqlite;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite;

/// <summary>Rate limits shared by the processes of one machine, in a small file of their own.</summary>
/// <remarks>
/// <para>
/// Other than <see cref="SqliteStore"/>, any number of processes may open the file at the same time: it is kept with a rollback journal, which several writers cannot damage.
/// It holds nothing worth keeping, and nothing in it is synced to the disk: a power cut may damage it. Put it where a restart of the machine clears it (<c>/run</c>), or delete it while no process runs.
/// </para>
/// <para>A file that is emptied while processes use it lends nobody more than it holds until what it has forgotten is over. The clock is that of the machine since it was started, which is one for all processes and cannot be set. Thread-safe.</para>
/// </remarks>
public sealed class SqliteSharedLimits : ISharedLimitStore, IAsyncDisposable
{
    // No limit's name: what is escaped has its backslashes doubled. Its row says since when the store remembers; without it, the store was emptied.
    private const string Memory = @"\";

    private const string Tables = $"""
        CREATE TABLE IF NOT EXISTS shared_limits_v1 (
            name        TEXT PRIMARY KEY,
            heard_since INTEGER NOT NULL,
            heard_last  INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT OR IGNORE INTO shared_limits_v1 (name, heard_since, heard_last)
            SELECT '{Memory}', 0, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'limit_freezes_v1');
        CREATE TABLE IF NOT EXISTS limit_freezes_v1 (
            name  TEXT PRIMARY KEY,
            until INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS limit_shares_v1 (
            name          TEXT NOT NULL,
            holder        TEXT NOT NULL,
            sequence      INTEGER NOT NULL,
            amount        INTEGER NOT NULL,
            alone         INTEGER NOT NULL,
            wants         INTEGER NOT NULL,
            needs         INTEGER NOT NULL,
            starves_since INTEGER NOT NULL,
            expires       INTEGER NOT NULL,
            lingers       INTEGER NOT NULL,
            PRIMARY KEY (name, holder)
        ) WITHOUT ROWID;
        """;

    private readonly SharedSqliteFile _file;

    private SqliteSharedLimits(SharedSqliteFile file) => _file = file;

    /// <summary>Opens the file, and creates it when it is not there.</summary>
    /// <param name="path">The file, in a folder that exists on a local disk. Not the file of a <see cref="SqliteStore"/>.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static async Task<SqliteSharedLimits> OpenAsync(string path, CancellationToken cancellationToken = default) =>
        new(await SharedSqliteFile.OpenAsync(path, Tables, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
        Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bids);
        return await _file.WriteAsync(connection => Exchange(connection, holder, sequence, bids, terms), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private static LimitShare[] Exchange(SqliteConnection connection, Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms)
    {
        // Read after the lock: then it never runs back.
        var now = Environment.TickCount64;
        var emptied = EmptiedAt(connection, now);
        var shares = new LimitShare[bids.Count];
        for (var i = 0; i < shares.Length; i++)
        {
            var name = StoredText.Escape(bids[i].Limit);
            var (book, holders) = Load(connection, name, now);
            var frozenUntil = book.FrozenUntil;
            shares[i] = book.Exchange(holder, sequence, bids[i], terms, now, emptied);
            Save(connection, name, book, holder, holders);
            if (book.FrozenUntil != frozenUntil)
                Freeze(connection, name, book.FrozenUntil);
        }

        return shares;
    }

    /// <summary>When the file was found without any memory; 0, never.</summary>
    private static long EmptiedAt(SqliteConnection connection, long now)
    {
        using var memory = Command(connection, "SELECT heard_since FROM shared_limits_v1 WHERE name = @name", Memory);
        // That of another start of the machine is over.
        if (memory.ExecuteScalar() is long emptied)
            return emptied <= now ? emptied : 0;
        using var begin = Command(connection, "INSERT INTO shared_limits_v1 (name, heard_since, heard_last) VALUES (@name, @now, @now)", Memory);
        begin.Add("@now", now);
        begin.ExecuteNonQuery();
        return now;
    }

    private static void Freeze(SqliteConnection connection, string name, long until)
    {
        using var freeze = Command(connection, "INSERT OR REPLACE INTO limit_freezes_v1 (name, until) VALUES (@name, @until)", name);
        freeze.Add("@until", until);
        freeze.ExecuteNonQuery();
    }

    private static (ShareBook Book, List<Guid> Holders) Load(SqliteConnection connection, string name, long now)
    {
        var book = new ShareBook { HeardSince = now, HeardLast = now };
        var holders = new List<Guid>();
        using (var limit = Command(connection, "SELECT l.heard_since, l.heard_last, coalesce(f.until, 0) FROM shared_limits_v1 AS l LEFT JOIN limit_freezes_v1 AS f ON f.name = l.name WHERE l.name = @name", name))
        using (var row = limit.ExecuteReader())
        {
            if (row.Read())
                (book.HeardSince, book.HeardLast, book.FrozenUntil) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        }

        if (book.HeardLast > now)
        {
            // The machine was started anew: nobody of before is there any more.
            using var forget = Command(connection, "DELETE FROM limit_shares_v1 WHERE name = @name", name);
            forget.ExecuteNonQuery();
            (book.HeardSince, book.HeardLast, book.FrozenUntil) = (now, now, 0);
        }

        using var shares = Command(connection, "SELECT holder, sequence, amount, alone, wants, needs, starves_since, expires, lingers FROM limit_shares_v1 WHERE name = @name", name);
        using var share = shares.ExecuteReader();
        while (share.Read())
        {
            var holder = share.GetGuid(0);
            holders.Add(holder);
            book.Add(new ShareRow(holder)
            {
                Sequence = share.GetInt64(1),
                Amount = share.GetInt64(2),
                Alone = share.GetInt64(3),
                Wants = share.GetInt64(4),
                Needs = share.GetInt64(5),
                StarvesSince = share.GetInt64(6),
                Expires = share.GetInt64(7),
                Lingers = share.GetInt64(8),
            });
        }

        return (book, holders);
    }

    private static void Save(SqliteConnection connection, string name, ShareBook book, Guid holder, List<Guid> before)
    {
        foreach (var gone in before.Except(book.Rows.Select(static row => row.Holder)))
        {
            using var delete = Command(connection, "DELETE FROM limit_shares_v1 WHERE name = @name AND holder = @holder", name);
            delete.Add("@holder", gone);
            delete.ExecuteNonQuery();
        }

        using var limit = Command(connection, "INSERT OR REPLACE INTO shared_limits_v1 (name, heard_since, heard_last) VALUES (@name, @since, @last)", name);
        limit.Add("@since", book.HeardSince);
        limit.Add("@last", book.HeardLast);
        limit.ExecuteNonQuery();

        var own = book.Rows.Single(row => row.Holder == holder);
        using var share = Command(
            connection,
            """
            INSERT OR REPLACE INTO limit_shares_v1 (name, holder, sequence, amount, alone, wants, needs, starves_since, expires, lingers)
            VALUES (@name, @holder, @sequence, @amount, @alone, @wants, @needs, @starves, @expires, @lingers)
            """,
            name);
        share.Add("@holder", own.Holder);
        share.Add("@sequence", own.Sequence);
        share.Add("@amount", own.Amount);
        share.Add("@alone", own.Alone);
        share.Add("@wants", own.Wants);
        share.Add("@needs", own.Needs);
        share.Add("@starves", own.StarvesSince);
        share.Add("@expires", own.Expires);
        share.Add("@lingers", own.Lingers);
        share.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, string name)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Add("@name", name);
        return command;
    }
}
