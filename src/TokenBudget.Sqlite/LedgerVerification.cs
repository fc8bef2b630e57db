using System.Globalization;
using Microsoft.Data.Sqlite;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>Follows the seals of a ledger once, page by page, and compares what they cover. Whoever writes goes on: a page is read as it was at one instant.</summary>
/// <param name="known">The last seal of an earlier time, if somebody kept it.</param>
internal sealed class LedgerVerification(LedgerSeal? known)
{
    private const int PageSize = 1_000;
    private const int MostFindings = 100;

    private readonly List<string> _findings = [];
    private long? _promised;
    private long _lastUnsealed;
    private (long Number, byte[] Seal)? _last;

    /// <summary>Checks the next seals.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool CheckPage(SqliteConnection connection)
    {
        // Asked first: whatever is sealed while this reads comes on top.
        _promised ??= Number(connection, "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'ledger_seals'");
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT ledger.line, {LedgerSql.Columns}, number, seals.line, digest, seal,
                   EXISTS (SELECT 1 FROM ledger_seals AS newer WHERE newer.line = seals.line AND newer.number > seals.number)
            FROM ledger_seals AS seals LEFT JOIN ledger ON ledger.line = seals.line
            WHERE number > @after ORDER BY number LIMIT {PageSize}
            """;
        command.Add("@after", _last?.Number ?? 0);
        using var row = command.ExecuteReader();
        var count = 0;
        for (; row.Read(); count++)
            Check(row);
        return count == PageSize;
    }

    /// <summary>Looks for lines without a seal, and for the end.</summary>
    public LedgerCheck Finish(SqliteConnection connection)
    {
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"""
                SELECT line, id, at, agent, cost FROM ledger
                WHERE line > @sealed_from AND outcome <> {(int)LedgerOutcome.Reserved} AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE ledger_seals.line = ledger.line)
                ORDER BY line LIMIT {MostFindings}
                """;
            command.Add("@sealed_from", _lastUnsealed);
            using var row = command.ExecuteReader();
            while (row.Read())
                Find($"{Describe(row, row.GetInt64(0))} has no seal: it was slipped in, or its seal was removed.");
        }

        if (_promised > (_last?.Number ?? 0))
            Find(Say($"There were {_promised:N0} seals, and the last there is has number {_last?.Number ?? 0:N0}: the end was removed."));
        else if (known is not null && known.Number > (_last?.Number ?? 0))
            Find(Say($"The ledger ends with seal {_last?.Number ?? 0:N0}, before the one that was kept, {known.Number:N0}: an older copy was put in its place, or its end removed."));

        return new LedgerCheck
        {
            Lines = Number(connection, "SELECT COUNT(*) FROM ledger"),
            Unsealed = Number(connection, Say($"SELECT COUNT(*) FROM ledger WHERE line <= {_lastUnsealed} AND outcome <> {(int)LedgerOutcome.Reserved} AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE ledger_seals.line = ledger.line)")),
            Reserved = Number(connection, Say($"SELECT COUNT(*) FROM ledger WHERE outcome = {(int)LedgerOutcome.Reserved}")),
            Seal = _last is { } last ? new LedgerSeal(last.Number, Convert.ToHexStringLower(last.Seal)) : null,
            Findings = _findings,
        };
    }

    private void Check(SqliteDataReader row)
    {
        var at = row.FieldCount - 5;
        var (number, line, digest, seal, isSuperseded) = (row.GetInt64(at), row.GetInt64(at + 1), row[at + 2] as byte[] ?? [], row[at + 3] as byte[] ?? [], row.GetBoolean(at + 4));
        var before = _last;
        _last = (number, seal);
        if (number == 1)
            _lastUnsealed = -Math.Min(0, line);
        else if (number != (before?.Number ?? 0) + 1)
            Find(Say($"Seals {(before?.Number ?? 0) + 1:N0} to {number - 1:N0} were removed."));
        // Behind a gap nobody can say what the next one was made of.
        if ((number == 1 || before?.Number == number - 1) && !LedgerSeals.Of(before?.Seal, line, digest).AsSpan().SequenceEqual(seal))
            Find(Say($"Seal {number:N0}, of line {line:N0}, was changed, or the one before it."));
        if (known?.Number == number && !Convert.ToHexStringLower(seal).Equals(known.Hash, StringComparison.OrdinalIgnoreCase))
            Find(Say($"Seal {number:N0} is not the one that was kept: what is before it was written anew."));
        if (line <= 0 || isSuperseded)
            return;
        if (row.IsDBNull(0))
            Find(Say($"Line {line:N0} was removed."));
        else if (!DigestOf(row).AsSpan().SequenceEqual(digest))
            Find($"{Describe(row, line)} was changed.");
    }

    /// <returns>Nothing where what is written is not even a line.</returns>
    private static byte[] DigestOf(SqliteDataReader row)
    {
        try
        {
            return LedgerSeals.DigestOf(LedgerSql.EntryOf(row));
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidCastException or InvalidOperationException or OverflowException)
        {
            return [];
        }
    }

    /// <summary>What is written there now, however wrong, so that somebody can look it up.</summary>
    private static string Describe(SqliteDataReader row, long line)
    {
        var at = new DateTime(Math.Clamp(row.GetInt64(row.GetOrdinal("at")), 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
        var (id, agent, cost) = (row.GetString(row.GetOrdinal("id")), row.GetString(row.GetOrdinal("agent")), new Usd(row.GetInt64(row.GetOrdinal("cost"))));
        return Say($"Line {line:N0} ({id.ToLowerInvariant()}, {at:u}, {agent}, {cost})");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Find(string finding)
    {
        if (_findings.Count < MostFindings)
            _findings.Add(finding);
    }
}
