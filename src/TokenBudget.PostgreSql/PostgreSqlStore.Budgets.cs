using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Relational;

namespace TokenBudget.PostgreSql;

/// <content>Requests that stand in the ledger before they are sent, and budgets shared by processes.</content>
public sealed partial class PostgreSqlStore
{
    private const int MostOpened = 10_000;

    private readonly Guid _holder = Guid.NewGuid();
    private readonly string _reserve;
    private readonly string _balances;
    private readonly string _open;

    // Those of this process that are on record, which is more than are in use.
    private readonly ConcurrentDictionary<(string Name, BudgetPeriod Period, DateTimeOffset? From), bool> _opened = [];
    private readonly Heartbeat _heartbeat;
    private readonly ServerClock _clock;

    /// <summary>
    /// Raised when lines were found that a process left behind which has ended: they stay at the most they can have cost (<see cref="LedgerOutcome.Unsettled"/>). With how many.
    /// A handler must not throw.
    /// </summary>
    public event EventHandler<long>? UnsettledFound;

    bool IReservationLedger.DecidesBudgets => true;

    DateTimeOffset? IReservationLedger.Now => _clock.Now;

    /// <inheritdoc/>
    async ValueTask<IReadOnlyList<BudgetBalance>> IReservationLedger.ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(claims);
        _heartbeat.Start();
        await OpenBudgetsAsync(claims, cancellationToken).ConfigureAwait(false);
        var command = new NpgsqlBatchCommand(_reserve);
        Add(_holder);
        Add(line.Id);
        Add(line.At.UtcTicks);
        Add(StoredText.Escape(line.Agent));
        Add(StoredText.Escape(line.Method));
        Add(StoredText.Escape(line.Model));
        Add(StoredText.Escape(line.Budget));
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = line.Tenant is null ? DBNull.Value : StoredText.Escape(line.Tenant) });
        Add(line.Cost.PicoDollars);
        var names = claims.Select(static claim => StoredText.Escape(claim.Name)).ToArray();
        command.Parameters.Add(Array(NpgsqlDbType.Text, names));
        command.Parameters.Add(Array(NpgsqlDbType.Text, claims.Select(static claim => claim.Period.ToString()).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.From?.UtcTicks ?? 0).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Until?.UtcTicks ?? long.MaxValue).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Limit?.PicoDollars).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Boolean, claims.Select(static claim => claim.PausesAtLimit).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Spent.PicoDollars).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Approved.PicoDollars).ToArray()));
        return await _writer.RunAsync(command, new TouchedBudgets(names, line.At.UtcTicks, line.Id), BalancesAsync, cancellationToken).ConfigureAwait(false);

        static async Task<IReadOnlyList<BudgetBalance>> BalancesAsync(NpgsqlDataReader row, CancellationToken stop)
        {
            var balances = new List<BudgetBalance>();
            while (await row.ReadAsync(stop).ConfigureAwait(false))
                balances.Add(new BudgetBalance(new Usd(row.GetInt64(0)), new Usd(row.GetInt64(1)), row.GetBoolean(2), row.GetBoolean(3)));
            return balances;
        }

        void Add<T>(T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
    }

    /// <inheritdoc/>
    async ValueTask<IReadOnlyList<BudgetBalance>> IReservationLedger.ReadBalancesAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claims);
        // What is on record says whether it is paused, also where nobody has claimed it yet.
        await OpenBudgetsAsync(claims, cancellationToken).ConfigureAwait(false);
        return await TimedAnswer.WithinAsync(Patience, stop => ReadBalancesAsync(claims, stop), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<BudgetBalance>> ReadBalancesAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        var command = Command(_balances);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(Array(NpgsqlDbType.Text, claims.Select(static claim => StoredText.Escape(claim.Name)).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Text, claims.Select(static claim => claim.Period.ToString()).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.From?.UtcTicks ?? 0).ToArray()));
        var balances = new List<BudgetBalance>(claims.Count);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            balances.Add(new BudgetBalance(new Usd(row.GetInt64(0)), new Usd(row.GetInt64(1)), row.GetBoolean(2), Refuses: false));
        }

        return balances;
    }

    /// <inheritdoc/>
    async ValueTask IReservationLedger.ReleaseAsync(Guid id, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand();
        _ledger.Release(command, id);
        await _writer.RunAsync<bool>(Batched(command), new TouchedBudgets([], 0, id), read: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Puts budgets that are claimed for the first time on record, in order and by themselves: two transactions that did so for several requests each could wait for each other.
    /// </summary>
    private async Task OpenBudgetsAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        claims = [.. claims.Where(claim => !_opened.ContainsKey((claim.Name, claim.Period, claim.From)))];
        if (claims.Count == 0)
            return;
        if (_opened.Count > MostOpened)
            _opened.Clear();
        await TimedAnswer.WithinAsync(Patience, stop => PutOnRecordAsync(claims, stop), cancellationToken).ConfigureAwait(false);
        foreach (var claim in claims)
            _opened.TryAdd((claim.Name, claim.Period, claim.From), true);
    }

    private async Task<int> PutOnRecordAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken)
    {
        var command = Command(_open);
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(Array(NpgsqlDbType.Text, claims.Select(static claim => StoredText.Escape(claim.Name)).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Text, claims.Select(static claim => claim.Period.ToString()).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.From?.UtcTicks ?? 0).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Until?.UtcTicks ?? long.MaxValue).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Spent.PicoDollars).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, claims.Select(static claim => claim.Approved.PicoDollars).ToArray()));
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same statement as one of several.</summary>
    private static NpgsqlBatchCommand Batched(NpgsqlCommand command)
    {
        var batched = new NpgsqlBatchCommand(command.CommandText);
        var parameters = command.Parameters.ToArray<NpgsqlParameter>();
        command.Parameters.Clear();
        foreach (var parameter in parameters)
            batched.Parameters.Add(parameter);
        return batched;
    }
}
