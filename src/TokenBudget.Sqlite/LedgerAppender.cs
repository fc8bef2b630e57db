using Microsoft.Data.Sqlite;
using TokenBudget.Costs;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>Writes lines on the connection that writes, and seals those that are settled. The statements are prepared once: that is most of what a line would cost otherwise.</summary>
internal sealed class LedgerAppender(SqliteConnection connection)
{
    private static readonly LedgerSql Ledger = new("");

    private readonly SqliteCommand _append = connection.CreateCommand();
    private readonly SqliteCommand _seal = connection.CreateCommand();

    /// <summary>Writes a line, in the transaction that is open.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="digest">What <see cref="LedgerSeals.DigestOf"/> says of it; none of one that is reserved.</param>
    public void Append(LedgerEntry entry, byte[]? digest)
    {
        _append.Parameters.Clear();
        Ledger.Append(_append, entry, tells: true);
        if (_append.ExecuteScalar() is long line && digest is not null)
            LedgerSeals.Add(_seal, line, digest);
    }
}
