using System.Data.Common;
using TokenBudget.Conversations;

namespace TokenBudget.Relational;

/// <summary>The statements of a conversation store that SQLite and PostgreSQL both understand, with their parameters and rows.</summary>
/// <param name="prefix">What stands before a table's name: nothing, or a schema and a dot.</param>
internal sealed class ConversationSql(string prefix)
{
    private readonly string _create = $"""
        INSERT INTO {prefix}conversations (id, version) VALUES (@id, 0)
        ON CONFLICT (id) DO NOTHING
        """;

    // The version is checked and moved by one statement: of two writers who saw the same version, the second matches no row.
    private readonly string _advance = $"""
        UPDATE {prefix}conversations SET version = version + @count
        WHERE id = @id AND version = @expected
        RETURNING conversation
        """;

    private readonly string _insert = $"""
        INSERT INTO {prefix}messages (conversation, sequence, turn, tokens, message)
        VALUES (@conversation, @sequence, @turn, @tokens, @message)
        """;

    private readonly string _version = $"""
        SELECT version FROM {prefix}conversations WHERE id = @id
        """;

    private readonly string _saveSummary = $"""
        UPDATE {prefix}conversations
        SET summary = @summary, summary_through = @through, summary_tokens = @tokens, summary_at = @at
        WHERE id = @id AND version > @through AND (summary_through IS NULL OR summary_through < @through)
        """;

    private readonly string _delete = $"""
        DELETE FROM {prefix}conversations WHERE id = @id
        """;

    // One statement, so that the summary and the messages after it are of one instant. The running total of the turns, newest first,
    // says from which turn on they fit; the newest one is taken in any case.
    private readonly string _read = $"""
        WITH head AS (
            SELECT conversation, version, summary, summary_tokens, summary_at, COALESCE(summary_through, -1) AS through
            FROM {prefix}conversations
            WHERE id = @id
        ),
        turns AS (
            SELECT m.turn, SUM(SUM(m.tokens)) OVER (ORDER BY m.turn DESC) AS tokens
            FROM {prefix}messages AS m
            JOIN head AS h ON m.conversation = h.conversation AND m.sequence > h.through
            GROUP BY m.turn
        ),
        start AS (
            SELECT MIN(turn) AS turn
            FROM turns
            WHERE tokens <= @limit - (SELECT COALESCE(summary_tokens, 0) FROM head)
               OR turn = (SELECT MAX(turn) FROM turns)
        )
        SELECT h.version, h.summary, h.through, h.summary_tokens, h.summary_at, m.sequence, m.tokens, m.message
        FROM head AS h
        LEFT JOIN {prefix}messages AS m
               ON m.conversation = h.conversation AND m.sequence > h.through AND m.turn >= (SELECT turn FROM start)
        ORDER BY m.sequence
        """;

    public void Create(DbCommand command, string id) => SetText(command, _create, id);

    public void Advance(DbCommand command, string id, long expectedVersion, int count)
    {
        SetText(command, _advance, id);
        command.Add("@count", (long)count);
        command.Add("@expected", expectedVersion);
    }

    public string InsertText => _insert;

    public void Version(DbCommand command, string id) => SetText(command, _version, id);

    public void SaveSummary(DbCommand command, string id, ConversationSummary summary)
    {
        SetText(command, _saveSummary, id);
        command.Add("@summary", StoredText.Escape(summary.Text));
        command.Add("@through", summary.ThroughSequence);
        command.Add("@tokens", (long)summary.Tokens);
        command.Add("@at", summary.CreatedAt.UtcTicks);
    }

    public void Delete(DbCommand command, string id) => SetText(command, _delete, id);

    public void Read(DbCommand command, string id, int maxTokens)
    {
        SetText(command, _read, id);
        command.Add("@limit", (long)maxTokens);
    }

    /// <summary>Adds the current row of <see cref="Read"/> to the slice so far.</summary>
    public static void AddRow(DbDataReader row, ref ConversationSlice slice, List<CountedMessage> messages)
    {
        var isEmpty = row.IsDBNull(5);
        if (messages.Count == 0)
        {
            var version = row.GetInt64(0);
            slice = new ConversationSlice
            {
                Messages = messages,
                FirstSequence = isEmpty ? version : row.GetInt64(5),
                Version = version,
                Summary = row.IsDBNull(1)
                    ? null
                    : new ConversationSummary(
                        StoredText.Unescape(row.GetString(1)),
                        row.GetInt64(2),
                        checked((int)row.GetInt64(3)),
                        new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero)),
            };
        }

        if (!isEmpty)
            messages.Add(new CountedMessage(ChatMessageJson.Read(row.GetString(7)), checked((int)row.GetInt64(6))));
    }

    private static void SetText(DbCommand command, string text, string id)
    {
        command.CommandText = text;
        command.Add("@id", StoredText.Escape(id));
    }
}
