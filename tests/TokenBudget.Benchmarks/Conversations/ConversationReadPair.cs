using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Conversations;
using TokenBudget.Sqlite;

namespace TokenBudget.Benchmarks.Conversations;

/// <summary>
/// The last 20 of a million messages, by what fits 20 tokens and with the summary, against a bare query that is told how many there are. Both end with the same messages,
/// read from the same JSON; ours also changes to a thread of the pool and back.
/// </summary>
internal sealed class ConversationReadPair : IDisposable
{
    private const int Messages = 1_000_000;
    private const int Last = 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenbudget-");
    private readonly SqliteStore _store;
    private readonly SqliteConnection _bare;

    public ConversationReadPair()
    {
        var path = Path.Combine(_folder.FullName, "store.db");
        _store = FillAsync(path).GetAwaiter().GetResult();
        _bare = new SqliteConnection($"Data Source={path};Pooling=False");
        _bare.Open();
        if (!Ours().SequenceEqual(Bare()))
            throw new InvalidOperationException("The two sides do not read the same messages.");
        Pair = new RatioPair(Name, "bare ADO.NET query", 1.3, () => Ours(), () => Bare());
    }

    public const string Name = "last 20 of 1,000,000 messages";

    public RatioPair Pair { get; }

    public void Dispose()
    {
        _bare.Dispose();
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    private IEnumerable<string> Ours() =>
        [.. _store.ReadAsync("long", Last).AsTask().GetAwaiter().GetResult().Messages.Select(static counted => counted.Message.Text)];

    private IEnumerable<string> Bare()
    {
        using var command = _bare.CreateCommand();
        command.CommandText = "SELECT message FROM messages WHERE conversation = $conversation ORDER BY sequence DESC LIMIT $count";
        command.Parameters.AddWithValue("$conversation", 1L);
        command.Parameters.AddWithValue("$count", (long)Last);
        var messages = new List<ChatMessage>(Last);
        using (var row = command.ExecuteReader())
            while (row.Read())
                messages.Add(ChatMessageJson.Read(row.GetString(0)));
        messages.Reverse();
        return [.. messages.Select(static message => message.Text)];
    }

    private static async Task<SqliteStore> FillAsync(string path)
    {
        await using (var store = await SqliteStore.OpenAsync(path))
            await store.AppendTurnAsync("long", 0, [Message(ChatRole.User), Message(ChatRole.Assistant)]);
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {Messages - 1})
                INSERT INTO messages (conversation, sequence, turn, tokens, message)
                SELECT 1, i, i / 2 * 2, 1, replace((SELECT message FROM messages WHERE sequence = 0), 'number 0', 'number ' || i) FROM n;
                UPDATE conversations SET version = {Messages};
                """;
            await command.ExecuteNonQueryAsync();
        }

        return await SqliteStore.OpenAsync(path);

        static CountedMessage Message(ChatRole role) => new(new ChatMessage(role, $"This is message number 0. {string.Concat(Enumerable.Repeat("It has some words of its own. ", 10))}"), 1);
    }
}
