using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TokenBudget.Costs;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>
/// The chain that shows whether lines of the ledger were changed, removed or slipped in. A line is sealed in the transaction that settles it: the seal is the SHA-256 of the seal before
/// it, of the line's number and of the digest of what the line says.
/// </summary>
/// <remarks>
/// What is reserved still changes and has no seal. A line that is settled after it was given up as <see cref="LedgerOutcome.Unsettled"/> gets a second one, and the newest counts; the digests
/// are kept, so that the chain can be followed without what the line said before.
/// </remarks>
internal static class LedgerSeals
{
    private const int Texts = 5;
    private const int Numbers = 14;
    private const int GuidSize = 16;

    private const string Function = "ledger_seal";

    private const string Insert = $"""
        INSERT INTO ledger_seals (line, digest, seal)
        VALUES (@line, @digest, {Function}((SELECT seal FROM ledger_seals ORDER BY number DESC LIMIT 1), @line, @digest))
        """;

    /// <summary>Gives a connection that writes what it needs to seal.</summary>
    public static void Teach(SqliteConnection connection) => connection.CreateFunction<byte[]?, long, byte[], byte[]>(Function, Of, isDeterministic: true);

    /// <summary>Where a chain has never begun, begins it behind the lines that are there. A file that once had seals and has lost them does not begin anew.</summary>
    public static void Begin(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO ledger_seals (line, digest, seal)
            SELECT -line, zeroblob({SHA256.HashSizeInBytes}), {Function}(NULL, -line, zeroblob({SHA256.HashSizeInBytes}))
            FROM (SELECT COALESCE(MAX(line), 0) AS line FROM ledger)
            WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'ledger_seals')
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>Seals a line, in the transaction that wrote it.</summary>
    /// <param name="command">A command of the connection that writes, which may be used for the next one again.</param>
    /// <param name="line">The line's number.</param>
    /// <param name="digest">What <see cref="DigestOf"/> says of it.</param>
    public static void Add(SqliteCommand command, long line, byte[] digest)
    {
        command.CommandText = Insert;
        command.Parameters.Clear();
        command.Add("@line", line);
        command.Add("@digest", digest);
        command.ExecuteNonQuery();
    }

    /// <summary>A seal.</summary>
    /// <param name="before">The one before it; none before the first.</param>
    /// <param name="line">The number of the line; for the first, minus the number of the last line that is not sealed.</param>
    /// <param name="digest">What the line says.</param>
    public static byte[] Of(byte[]? before, long line, byte[] digest)
    {
        Span<byte> all = stackalloc byte[(2 * SHA256.HashSizeInBytes) + sizeof(long)];
        all.Clear();
        before.AsSpan(0, Math.Min(before?.Length ?? 0, SHA256.HashSizeInBytes)).CopyTo(all);
        BinaryPrimitives.WriteInt64LittleEndian(all[SHA256.HashSizeInBytes..], line);
        digest.AsSpan(0, Math.Min(digest.Length, SHA256.HashSizeInBytes)).CopyTo(all[(SHA256.HashSizeInBytes + sizeof(long))..]);
        return SHA256.HashData(all);
    }

    /// <summary>The SHA-256 of all a line says, each text with its length, so that no letter can move from one to the next.</summary>
    public static byte[] DigestOf(LedgerEntry entry)
    {
        var usage = entry.Usage;
        ReadOnlySpan<long> numbers =
        [
            entry.At.UtcTicks, (long)entry.Outcome, entry.Cost.PicoDollars, entry.IsEstimate ? 1 : 0, entry.Tenant is null ? 0 : 1,
            usage.FreshInput, usage.CacheRead, usage.CacheWrite5Minutes, usage.CacheWrite1Hour, usage.AudioInput, usage.AudioCacheRead, usage.Output, usage.Reasoning, usage.AudioOutput,
        ];
        ReadOnlySpan<string> texts = [entry.Agent, entry.Method, entry.Model, entry.Budget, entry.Tenant ?? string.Empty];
        var size = GuidSize + ((Numbers + Texts) * sizeof(long));
        foreach (var text in texts)
            size += text.Length * sizeof(char);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var rest = buffer.AsSpan(0, size);
            entry.Id.TryWriteBytes(rest);
            rest = rest[GuidSize..];
            foreach (var number in numbers)
            {
                BinaryPrimitives.WriteInt64LittleEndian(rest, number);
                rest = rest[sizeof(long)..];
            }

            foreach (var text in texts)
            {
                BinaryPrimitives.WriteInt64LittleEndian(rest, text.Length);
                MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(rest[sizeof(long)..]);
                rest = rest[(sizeof(long) + (text.Length * sizeof(char)))..];
            }

            return SHA256.HashData(buffer.AsSpan(0, size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
