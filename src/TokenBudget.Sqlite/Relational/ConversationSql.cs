using System.Data.Common;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Relational;

/// <summary>The statements of a conversation store that SQLite and PostgreSQL both understand, with their parameters and rows.</summary>
/// <param name="prefix">What stands before a table's name: nothing, or a schema and a dot.</param>
internal sealed class ConversationSql(string prefix)
{
    /// <summary>How many messages of a history are read at once.</summary>
    public const int HistoryPage = 200;

    /// <summary>How many conversations are removed at once.</summary>
    public const int DeletePage = 100;

    private readonly string _create = $"""
        INSERT INTO {prefix}conversations (id, version, active) VALUES (@id, 0, 0)
        ON CONFLICT (id) DO NOTHING
        """;

    // The version is checked and moved by one statement: of two writers who saw the same version, the second matches no row.
    private readonly string _advance = $"""
        UPDATE {prefix}conversations SET version = version + @count, active = CASE WHEN active < @active THEN @active ELSE active END
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

    // One statement: the summary and what it stands for change together, or nothing does. A trigger keeps it among the summaries, in the same transaction.
    private readonly string _saveSummary = $"""
        UPDATE {prefix}conversations
        SET summary = @summary, summary_through = @through, summary_tokens = @tokens, summary_at = @at
        WHERE id = @id AND version > @through AND (summary_through IS NULL OR summary_through < @through)
        """;

    private readonly string _summaries = $"""
        SELECT s.summary, s.through, s.tokens, s.at
        FROM {prefix}conversations AS c
        JOIN {prefix}summaries AS s ON s.conversation = c.conversation
        WHERE c.id = @id
        ORDER BY s.through
        """;

    private readonly string _history = $"""
        SELECT m.message, m.tokens
        FROM {prefix}conversations AS c
        JOIN {prefix}messages AS m ON m.conversation = c.conversation
        WHERE c.id = @id AND m.sequence >= @from AND m.sequence < @from + {HistoryPage}
        ORDER BY m.sequence
        """;

    private readonly string _sizes = $"""
        SELECT c.id, c.version, c.active, COALESCE(c.summary_tokens, 0), COALESCE(c.summary_through + 1, 0),
               CAST((SELECT COALESCE(SUM(m.tokens), 0) FROM {prefix}messages AS m WHERE m.conversation = c.conversation) AS bigint),
               (SELECT COUNT(*) FROM {prefix}conversations)
        FROM {prefix}conversations AS c
        ORDER BY c.active DESC, c.id
        LIMIT @newest
        """;

    private readonly string _delete = $"""
        DELETE FROM {prefix}conversations WHERE id = @id
        """;

    // A few at a time, so that nobody waits long for the writer. The time is asked again of what was appended to in between.
    private readonly string _deleteInactive = $"""
        DELETE FROM {prefix}conversations
        WHERE active < @before AND conversation IN (SELECT conversation FROM {prefix}conversations WHERE active < @before ORDER BY active LIMIT {DeletePage})
        """;

    // One statement, so that the summary and the messages after it are of one instant. It walks back from the newest message, one step in the
    // index a message, until the turns no longer fit: what is dropped is not looked at, however long the conversation. The newest turn is taken in any case.
    private readonly string _read = $"""
        WITH RECURSIVE head AS (
            SELECT conversation, version, summary, summary_tokens, summary_at, COALESCE(summary_through, -1) AS through
            FROM {prefix}conversations
            WHERE id = @id
        ),
        walk (conversation, through, room, newest, sequence, turn, tokens) AS (
            SELECT h.conversation, h.through, @limit - COALESCE(h.summary_tokens, 0), m.turn, m.sequence, m.turn, m.tokens
            FROM head AS h
            JOIN {prefix}messages AS m ON m.conversation = h.conversation AND m.sequence = h.version - 1
            WHERE h.version - 1 > h.through
            UNION ALL
            SELECT w.conversation, w.through, w.room, w.newest, m.sequence, m.turn, w.tokens + m.tokens
            FROM walk AS w
            JOIN {prefix}messages AS m ON m.conversation = w.conversation AND m.sequence = w.sequence - 1
            WHERE w.sequence - 1 > w.through AND (w.tokens <= w.room OR m.turn = w.newest)
        ),
        start AS (
            SELECT MIN(sequence) AS sequence
            FROM walk
            WHERE (sequence = turn OR sequence = through + 1) AND (tokens <= room OR turn = newest)
        )
        SELECT h.version, h.summary, h.through, h.summary_tokens, h.summary_at, m.sequence, m.tokens, m.message
        FROM head AS h
        LEFT JOIN {prefix}messages AS m ON m.conversation = h.conversation AND m.sequence >= (SELECT sequence FROM start)
        ORDER BY m.sequence
        """;

    // The same for a reader that works in this process and stops when it has enough: newest first, one step in the index a message.
    private readonly string _readBack = $"""
        SELECT c.version, c.summary, COALESCE(c.summary_through, -1), c.summary_tokens, c.summary_at, m.sequence, m.tokens, m.message, m.turn
        FROM {prefix}conversations AS c
        LEFT JOIN {prefix}messages AS m ON m.conversation = c.conversation AND m.sequence > COALESCE(c.summary_through, -1)
        WHERE c.id = @id
        ORDER BY m.sequence DESC
        """;

    public void Create(DbCommand command, string id) => SetText(command, _create, id);

    public void Advance(DbCommand command, string id, long expectedVersion, int count, long activity)
    {
        SetText(command, _advance, id);
        command.Add("@count", (long)count);
        command.Add("@expected", expectedVersion);
        command.Add("@active", activity);
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

    public void DeleteInactive(DbCommand command, DateTimeOffset before)
    {
        command.CommandText = _deleteInactive;
        command.Add("@before", before.UtcTicks);
    }

    public void Summaries(DbCommand command, string id) => SetText(command, _summaries, id);

    public void Sizes(DbCommand command, int newest)
    {
        command.CommandText = _sizes;
        command.Add("@newest", (long)newest);
    }

    public void History(DbCommand command, string id, long from)
    {
        SetText(command, _history, id);
        command.Add("@from", from);
    }

    public void Read(DbCommand command, string id, int maxTokens)
    {
        SetText(command, _read, id);
        command.Add("@limit", (long)maxTokens);
    }

    /// <param name="command">A new command, or one that was used for this before and is prepared.</param>
    /// <param name="id">The conversation's id.</param>
    public void ReadBack(DbCommand command, string id)
    {
        if (command.Parameters.Count == 0)
            SetText(command, _readBack, id);
        else
            command.Parameters[0].Value = StoredText.Escape(id);
    }

    /// <summary>Reads the rows of <see cref="ReadBack"/> as far as turns fit.</summary>
    /// <param name="row">The rows.</param>
    /// <param name="maxTokens">What fits.</param>
    /// <param name="message">Reads the message of the current row, from the column.</param>
    public static ConversationSlice SliceOf<T>(T row, int maxTokens, Func<T, int, ChatMessage> message)
        where T : DbDataReader
    {
        var slice = ConversationSlice.Empty;
        var messages = new List<CountedMessage>();
        long room = maxTokens;
        long turn = -1;
        var inTurn = 0;
        while (row.Read())
        {
            if (messages.Count == 0)
            {
                slice = HeadOf(row, messages);
                if (row.IsDBNull(5))
                    return slice;
                messages.Add(new CountedMessage(message(row, 7), checked((int)row.GetInt64(6))));
                room -= (slice.Summary?.Tokens ?? 0) + messages[0].Tokens;
                (turn, inTurn) = (row.GetInt64(8), -1);
                continue;
            }

            // The newest turn is taken in any case: it is the one that is never counted.
            if (row.GetInt64(8) != turn)
                (turn, inTurn) = (row.GetInt64(8), 0);
            var tokens = row.GetInt64(6);
            room -= tokens;
            if (inTurn >= 0 && room < 0)
            {
                messages.RemoveRange(messages.Count - inTurn, inTurn);
                break;
            }

            messages.Add(new CountedMessage(message(row, 7), checked((int)tokens)));
            if (inTurn >= 0)
                inTurn++;
        }

        messages.Reverse();
        return slice with { FirstSequence = slice.Version - messages.Count };
    }

    /// <summary>Adds the current row of <see cref="Read"/> to the slice so far.</summary>
    public static void AddRow(DbDataReader row, ref ConversationSlice slice, List<CountedMessage> messages)
    {
        if (messages.Count == 0)
            slice = HeadOf(row, messages);
        if (!row.IsDBNull(5))
            messages.Add(MessageOf(row, message: 7, tokens: 6));
    }

    /// <summary>What every row says of the conversation.</summary>
    private static ConversationSlice HeadOf(DbDataReader row, List<CountedMessage> messages)
    {
        var version = row.GetInt64(0);
        return new ConversationSlice
        {
            Messages = messages,
            FirstSequence = row.IsDBNull(5) ? version : row.GetInt64(5),
            Version = version,
            Summary = row.IsDBNull(1) ? null : SummaryOf(row, 1),
        };
    }

    /// <summary>The current row of <see cref="Summaries"/>.</summary>
    public static ConversationSummary SummaryOf(DbDataReader row) => SummaryOf(row, 0);

    /// <summary>The current row of <see cref="Sizes"/>, and how many conversations there are in all.</summary>
    public static (ConversationSize Size, long Total) SizeOf(DbDataReader row) => (
        new ConversationSize(StoredText.Unescape(row.GetString(0)), row.GetInt64(1), row.GetInt64(5), row.GetInt64(3), row.GetInt64(4), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero)),
        row.GetInt64(6));

    /// <summary>What <see cref="SizeOf"/> has read.</summary>
    public static ConversationSizes SizesOf(IReadOnlyList<(ConversationSize Size, long Total)> rows) =>
        new(rows.Count == 0 ? 0 : rows[0].Total, [.. rows.Select(static row => row.Size)]);

    /// <summary>The current row of <see cref="History"/>.</summary>
    public static CountedMessage MessageOf(DbDataReader row) => MessageOf(row, message: 0, tokens: 1);

    private static ConversationSummary SummaryOf(DbDataReader row, int first) => new(
        StoredText.Unescape(row.GetString(first)),
        row.GetInt64(first + 1),
        checked((int)row.GetInt64(first + 2)),
        new DateTimeOffset(row.GetInt64(first + 3), TimeSpan.Zero));

    private static CountedMessage MessageOf(DbDataReader row, int message, int tokens) =>
        new(ChatMessageJson.Read(row.GetString(message)), checked((int)row.GetInt64(tokens)));

    private static void SetText(DbCommand command, string text, string id)
    {
        command.CommandText = text;
        command.Add("@id", StoredText.Escape(id));
    }
}
