using System.Data.Common;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Relational;

/// <summary>The statements of a ledger that SQLite and PostgreSQL both understand, with their parameters and rows.</summary>
/// <param name="prefix">What stands before a table's name: nothing, or a schema and a dot.</param>
internal sealed class LedgerSql(string prefix)
{
    /// <summary>How many lines <see cref="Page"/> reads at once.</summary>
    public const int PageSize = 500;

    /// <summary>What <see cref="EntryOf"/> reads, behind the number of the line.</summary>
    public const string Columns =
        "id, at, agent, method, model, budget, tenant, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate, audio_input, audio_cache_read, audio_output";

    // SQLite's SUM fails as soon as an integer sum leaves 64 bits, so both halves of the money are summed apart and joined in SumOf.
    private const long Half = 1_000_000_000;
    private static readonly string SumColumns = $"COALESCE(SUM(cost / {Half}), 0), COALESCE(SUM(cost % {Half}), 0)";

    // In the order of LedgerKey. A line's time is its ticks since the year 1, in UTC, so days are whole multiples.
    private static readonly (LedgerGrouping Part, string Column)[] Keys =
    [
        (LedgerGrouping.Day, $"at / {TimeSpan.TicksPerDay}"),
        (LedgerGrouping.Agent, "agent"),
        (LedgerGrouping.Method, "method"),
        (LedgerGrouping.Model, "model"),
        (LedgerGrouping.Tenant, "COALESCE(tenant, '')"),
        (LedgerGrouping.Budget, "budget"),
    ];

    private readonly string _append = AppendTo(prefix);

    private readonly string _appendAndTell = AppendTo(prefix) + " RETURNING line";

    private readonly string _release = $"DELETE FROM {prefix}ledger WHERE id = @id AND outcome = {(int)LedgerOutcome.Reserved}";

    private readonly string _abandon = $"UPDATE {prefix}ledger SET outcome = {(int)LedgerOutcome.Unsettled} WHERE outcome = {(int)LedgerOutcome.Reserved}";

    /// <param name="command">The command.</param>
    /// <param name="entry">The line.</param>
    /// <param name="tells">Whether it returns the number of the line, if anything was written; SQLite alone needs it.</param>
    public void Append(DbCommand command, LedgerEntry entry, bool tells = false)
    {
        command.CommandText = tells ? _appendAndTell : _append;
        command.Add("@id", entry.Id);
        command.Add("@at", entry.At.UtcTicks);
        command.Add("@agent", StoredText.Escape(entry.Agent));
        command.Add("@method", StoredText.Escape(entry.Method));
        command.Add("@model", StoredText.Escape(entry.Model));
        command.Add("@budget", StoredText.Escape(entry.Budget));
        command.Add("@tenant", entry.Tenant is null ? null : StoredText.Escape(entry.Tenant));
        command.Add("@outcome", (long)entry.Outcome);
        command.Add("@fresh", entry.Usage.FreshInput);
        command.Add("@read", entry.Usage.CacheRead);
        command.Add("@write5m", entry.Usage.CacheWrite5Minutes);
        command.Add("@write1h", entry.Usage.CacheWrite1Hour);
        command.Add("@output", entry.Usage.Output);
        command.Add("@reasoning", entry.Usage.Reasoning);
        command.Add("@cost", entry.Cost.PicoDollars);
        command.Add("@estimate", entry.IsEstimate);
        command.Add("@audio_input", entry.Usage.AudioInput);
        command.Add("@audio_read", entry.Usage.AudioCacheRead);
        command.Add("@audio_output", entry.Usage.AudioOutput);
    }

    public void Release(DbCommand command, Guid id)
    {
        command.CommandText = _release;
        command.Add("@id", id);
    }

    /// <summary>The lines that are reserved, with their numbers.</summary>
    public void Reserved(DbCommand command) => command.CommandText = $"SELECT line, {Columns} FROM {prefix}ledger WHERE outcome = {(int)LedgerOutcome.Reserved}";

    /// <summary>What is reserved was left by a process that ended.</summary>
    public void Abandon(DbCommand command) => command.CommandText = _abandon;

    public void Sum(DbCommand command, LedgerQuery query) => command.CommandText = $"""
        SELECT {SumColumns}
        FROM {prefix}ledger
        WHERE outcome NOT IN ({(int)LedgerOutcome.Avoided}, {(int)LedgerOutcome.Approved}, {(int)LedgerOutcome.Paused}{(query.Budget is null ? $", {(int)LedgerOutcome.Nested}" : "")}) AND {Filter(command, query)}
        """;

    /// <summary>One row per key and whether the cost was avoided, in no order.</summary>
    public void Total(DbCommand command, LedgerQuery query, LedgerGrouping by)
    {
        var parts = Keys.Select(key => by.HasFlag(key.Part) ? key.Column : "NULL");
        var groups = Keys.Where(key => by.HasFlag(key.Part)).Select(static key => key.Column).Append("avoided");
        command.CommandText = $"""
            SELECT {string.Join(", ", parts)}, CASE WHEN outcome = {(int)LedgerOutcome.Avoided} THEN 1 ELSE 0 END AS avoided, COUNT(*),
                   SUM(fresh_input), SUM(cache_read), SUM(cache_write_5m), SUM(cache_write_1h), SUM(output), SUM(reasoning), {SumColumns},
                   SUM(audio_input), SUM(audio_cache_read), SUM(audio_output)
            FROM {prefix}ledger
            WHERE outcome NOT IN ({(int)LedgerOutcome.Approved}, {(int)LedgerOutcome.Nested}, {(int)LedgerOutcome.Reserved}, {(int)LedgerOutcome.Paused}) AND {Filter(command, query)}
            GROUP BY {string.Join(", ", groups)}
            """;
    }

    /// <summary>The next lines after a position; short statements, so that a slow reader holds nothing open.</summary>
    public void Page(DbCommand command, LedgerQuery query, (long At, long Line) after)
    {
        command.CommandText = $"""
            SELECT line, {Columns}
            FROM {prefix}ledger
            WHERE (at, line) > (@after_at, @after_line) AND {Filter(command, query)}
            ORDER BY at, line
            LIMIT {PageSize}
            """;
        command.Add("@after_at", after.At);
        command.Add("@after_line", after.Line);
    }

    public static (long At, long Line) Start => (-1, -1);

    public static (long At, long Line) PositionOf(DbDataReader row) => (row.GetInt64(2), row.GetInt64(0));

    public static LedgerEntry EntryOf(DbDataReader row) => new()
    {
        Id = row.GetGuid(1),
        At = new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero),
        Agent = StoredText.Unescape(row.GetString(3)),
        Method = StoredText.Unescape(row.GetString(4)),
        Model = StoredText.Unescape(row.GetString(5)),
        Budget = StoredText.Unescape(row.GetString(6)),
        Tenant = row.IsDBNull(7) ? null : StoredText.Unescape(row.GetString(7)),
        Outcome = (LedgerOutcome)row.GetInt64(8),
        Usage = new TokenUsage
        {
            FreshInput = row.GetInt64(9),
            CacheRead = row.GetInt64(10),
            CacheWrite5Minutes = row.GetInt64(11),
            CacheWrite1Hour = row.GetInt64(12),
            Output = row.GetInt64(13),
            Reasoning = row.GetInt64(14),
            AudioInput = row.GetInt64(17),
            AudioCacheRead = row.GetInt64(18),
            AudioOutput = row.GetInt64(19),
        },
        Cost = new Usd(row.GetInt64(15)),
        IsEstimate = row.GetBoolean(16),
    };

    /// <exception cref="OverflowException">The sum is beyond the range of <see cref="Usd"/>.</exception>
    public static Usd SumOf(DbDataReader row, int ordinal = 0) =>
        new(decimal.ToInt64((row.GetDecimal(ordinal) * Half) + row.GetDecimal(ordinal + 1)));

    /// <summary>Adds a row of <see cref="Total"/> to the totals so far.</summary>
    public static void AddTotal(DbDataReader row, Dictionary<LedgerKey, LedgerTotal> totals)
    {
        var key = new LedgerKey
        {
            Day = row.IsDBNull(0) ? null : DateOnly.FromDayNumber((int)row.GetInt64(0)),
            Agent = KeyOf(row, 1),
            Method = KeyOf(row, 2),
            Model = KeyOf(row, 3),
            Tenant = KeyOf(row, 4),
            Budget = KeyOf(row, 5),
        };
        var total = totals.GetValueOrDefault(key) ?? new LedgerTotal { Key = key };
        var usage = new TokenUsage
        {
            FreshInput = TokensOf(row, 8),
            CacheRead = TokensOf(row, 9),
            CacheWrite5Minutes = TokensOf(row, 10),
            CacheWrite1Hour = TokensOf(row, 11),
            Output = TokensOf(row, 12),
            Reasoning = TokensOf(row, 13),
            AudioInput = TokensOf(row, 16),
            AudioCacheRead = TokensOf(row, 17),
            AudioOutput = TokensOf(row, 18),
        };
        totals[key] = row.GetInt64(6) == 0
            ? total with { Requests = row.GetInt64(7), Usage = usage, Cost = SumOf(row, 14) }
            : total with { AvoidedRequests = row.GetInt64(7), AvoidedUsage = usage, AvoidedCost = SumOf(row, 14) };
    }

    /// <summary>Ordered here and not in SQL, where the order would be that of bytes or of the database's language.</summary>
    public static IReadOnlyList<LedgerTotal> InOrder(Dictionary<LedgerKey, LedgerTotal> totals) => [.. totals.Values.OrderBy(static total => total.Key)];

    private static string AppendTo(string prefix) => $"""
        INSERT INTO {prefix}ledger ({Columns})
        VALUES (@id, @at, @agent, @method, @model, @budget, @tenant, @outcome,
                @fresh, @read, @write5m, @write1h, @output, @reasoning, @cost, @estimate, @audio_input, @audio_read, @audio_output)
        ON CONFLICT (id) DO UPDATE SET {string.Join(", ", Columns.Split(", ").Skip(1).Select(static column => $"{column} = excluded.{column}"))}
        WHERE ledger.outcome IN ({(int)LedgerOutcome.Reserved}, {(int)LedgerOutcome.Unsettled}) AND excluded.outcome <> {(int)LedgerOutcome.Reserved}
        """;

    private static string KeyOf(DbDataReader row, int ordinal) => row.IsDBNull(ordinal) ? string.Empty : StoredText.Unescape(row.GetString(ordinal));

    private static long TokensOf(DbDataReader row, int ordinal) => decimal.ToInt64(row.GetDecimal(ordinal));

    private static string Filter(DbCommand command, LedgerQuery query)
    {
        var conditions = new List<string> { "1 = 1" };
        if (query.From is { } from)
            Add("at >= @from", "@from", from.UtcTicks);
        if (query.Until is { } until)
            Add("at < @until", "@until", until.UtcTicks);
        if (query.Budget is { } budget)
            Add("budget = @budget", "@budget", StoredText.Escape(budget));
        if (query.Agent is { } agent)
            Add("agent = @agent", "@agent", StoredText.Escape(agent));
        if (query.Method is { } method)
            Add("method = @method", "@method", StoredText.Escape(method));
        if (query.Model is { } model)
            Add("model = @model", "@model", StoredText.Escape(model));
        if (query.Tenant is { } tenant)
            Add("COALESCE(tenant, '') = @tenant", "@tenant", StoredText.Escape(tenant));
        if (query.Outcome is { } outcome)
            // Not a parameter: the few lines of some outcomes have an index of their own, which is taken only where the number stands.
            conditions.Add($"outcome = {(int)outcome}");
        return string.Join(" AND ", conditions);

        void Add(string condition, string name, object value)
        {
            conditions.Add(condition);
            command.Add(name, value);
        }
    }
}
