using Npgsql;
using NpgsqlTypes;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <content>Limits shared by processes and machines.</content>
public sealed partial class PostgreSqlStore
{
    // The caller has given up by then; the connection is not to be lost for longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly string _exchange;

    /// <inheritdoc/>
    async ValueTask<IReadOnlyList<LimitShare>> ISharedLimitStore.ExchangeAsync(
        Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bids);
        return await TimedAnswer.WithinAsync(Patience, stop => ExchangeAsync(holder, sequence, bids, terms, stop), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<LimitShare>> ExchangeAsync(Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var command = CommandOn(connection, _exchange);
        await using var __ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = sequence });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (long)terms.Lifetime.TotalMilliseconds });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = (long)terms.Lingers.TotalMilliseconds });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = terms.WorksAlone });
        command.Parameters.Add(Array(NpgsqlDbType.Text, bids.Select(static bid => StoredText.Escape(bid.Limit)).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Capacity).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Holds).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Wants).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Needs).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Alone).ToArray()));
        command.Parameters.Add(Array(NpgsqlDbType.Bigint, bids.Select(static bid => bid.Heard).ToArray()));
        await command.PrepareAsync(cancellationToken).ConfigureAwait(false);

        var shares = new List<LimitShare>(bids.Count);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            shares.Add(new LimitShare(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), (int)row.GetInt64(3), row.GetBoolean(4)));
        return shares;
    }

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, T[] values) => new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };
}
