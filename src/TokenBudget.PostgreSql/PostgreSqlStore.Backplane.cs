using System.Runtime.CompilerServices;
using Npgsql;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <content>What processes tell each other.</content>
public sealed partial class PostgreSqlStore
{
    private readonly string _schema;

    /// <inheritdoc/>
    async ValueTask IBackplane.PublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.Validate();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await TimedAnswer.WithinAsync(Patience, stop => PublishAsync(message, stop), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NpgsqlException error) when (TimedAnswer.IsBrokenConnection(error) && attempt < RepeatableAttempts)
            {
                // A connection of before; whether the message is there or not, the next attempt leaves exactly one.
            }
        }
    }

    private async Task<int> PublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT {_schema}.publish_v1($1, $2, $3, $4)");
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Sender });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StoredText.Escape(message.Topic) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StoredText.Escape(message.Content) });
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    IAsyncEnumerable<BackplaneMessage> IBackplane.ListenAsync(CancellationToken cancellationToken) =>
        ListenAsync(new NoticeListener(_listening ?? _source, _schema), cancellationToken);

    private static async IAsyncEnumerable<BackplaneMessage> ListenAsync(NoticeListener listener, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var _ = listener.ConfigureAwait(false);
        while (true)
            foreach (var message in await listener.NextAsync(cancellationToken).ConfigureAwait(false))
                yield return message;
    }

    /// <summary>One connection outside the pool: held for as long as somebody listens, it must not be one that callers wait for.</summary>
    private static NpgsqlDataSource ListeningSource(string connectionString) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CancellationTimeout = -1 });
}
