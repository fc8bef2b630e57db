using Npgsql;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <summary>Waits on a connection of its own for notices and reads them in their order; after a broken connection from where it was. Used by one at a time.</summary>
/// <param name="source">Makes the connection.</param>
/// <param name="schema">The schema, which is also the name of the channel.</param>
internal sealed class NoticeListener(NpgsqlDataSource source, string schema) : IAsyncDisposable
{
    private const int PageSize = 256;

    // Bytes of a character at most, escaped or not.
    private const int EscapedLength = 6;

    // A connection may be dead without a word, and a pooler may swallow notifications: it is looked at all the same.
    private static readonly TimeSpan LooksAnyway = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(1);

    // Whoever floods the channel costs a look as often as this.
    private static readonly TimeSpan AfterNothing = TimeSpan.FromMilliseconds(20);

    // Server and network take a moment in which a notice may be published.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private readonly long _began = TimeProvider.System.GetTimestamp();
    private NpgsqlConnection? _connection;
    private Task _asking = Task.CompletedTask;
    private long? _position;
    private TimeSpan _pause = LeastPause;
    private bool _mayBeMore;

    /// <summary>Waits for notices; at least one.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled, whatever the connection threw at the same instant.</exception>
    public async Task<IReadOnlyList<BackplaneMessage>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_connection is null)
                    await ConnectAsync(cancellationToken).ConfigureAwait(false);
                else if (!_mayBeMore)
                    await _connection.WaitAsync(LooksAnyway, cancellationToken).ConfigureAwait(false);
                var messages = await ReadAsync(cancellationToken).ConfigureAwait(false);
                _pause = LeastPause;
                if (messages.Count > 0)
                    return messages;
                await Task.Delay(AfterNothing, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw;
            }
            // Whatever a broken connection throws; but of a source that is disposed there will be no other.
            catch (Exception error) when (!(error is ObjectDisposedException && _connection is null))
            {
                await DisposeAsync().ConfigureAwait(false);
                // Not all machines at the same instant.
                await Task.Delay(_pause * (0.5 + Random.Shared.NextDouble()), TimeProvider.System, cancellationToken).ConfigureAwait(false);
                _pause = _pause * 2 < MostPause ? _pause * 2 : MostPause;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } connection)
            return;
        if (_asking.IsCompleted)
            await connection.DisposeAsync().ConfigureAwait(false);
        else
            // Nobody waits for a question that is being ended, and until it is the connection is in use.
            CloseAfterAsync(_asking, connection).Forget();
    }

    private static async Task CloseAfterAsync(Task asking, NpgsqlConnection connection)
    {
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        _connection = await source.OpenConnectionAsync(patience.Token).ConfigureAwait(false);
        // Before anything is read, so that what is published in between wakes it.
        await AskAsync($"LISTEN {schema}", [], static (command, stop) => command.ExecuteNonQueryAsync(stop), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<BackplaneMessage>> ReadAsync(CancellationToken cancellationToken)
    {
        // The last position before listening began, by the server's clock: it may have taken a while to get here.
        _position ??= (long)(await AskAsync(
            $"SELECT COALESCE((SELECT MAX(position) FROM {schema}.notices WHERE at <= clock_timestamp() - $1), 0)",
            [new NpgsqlParameter<TimeSpan> { TypedValue = TimeProvider.System.GetElapsedTime(_began) + Margin }],
            static (command, stop) => command.ExecuteScalarAsync(stop),
            cancellationToken).ConfigureAwait(false))!;
        var known = _position.Value;
        // Taken over when all is read: a question that was given up may still be answered.
        (var messages, _position, _mayBeMore) = await AskAsync(
            $"""
            SELECT h.position, n.position, n.id, n.sender, left(n.topic, {EscapedLength * BackplaneMessage.MaxTopicLength}),
                CASE WHEN octet_length(n.content) <= {EscapedLength * BackplaneMessage.MaxContentLength} THEN n.content END
            FROM {schema}.notice_head AS h LEFT JOIN {schema}.notices AS n ON n.position > $1 AND n.position <= h.position ORDER BY n.position LIMIT {PageSize}
            """,
            [new NpgsqlParameter<long> { TypedValue = known }],
            (command, stop) => PageAsync(command, known, stop),
            cancellationToken).ConfigureAwait(false);
        return messages;
    }

    private static async Task<(List<BackplaneMessage> Messages, long Position, bool MayBeMore)> PageAsync(NpgsqlCommand command, long known, CancellationToken stop)
    {
        var messages = new List<BackplaneMessage>();
        var rows = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var _ = rows.ConfigureAwait(false);
        var count = 0;
        while (await rows.ReadAsync(stop).ConfigureAwait(false))
        {
            var position = rows.IsDBNull(1) ? rows.GetInt64(0) : rows.GetInt64(1);
            if (position != (rows.IsDBNull(1) ? known : known + 1))
                messages.Add(BackplaneMessage.Gap);
            known = position;
            count++;
            if (!rows.IsDBNull(1) && !rows.IsDBNull(5) && MessageOf(rows) is { } message)
                messages.Add(message);
        }

        return (messages, known, count == PageSize);
    }

    /// <summary>Asks on the connection, for so long as a server takes that is there.</summary>
    private Task<T> AskAsync<T>(string text, NpgsqlParameter[] parameters, Func<NpgsqlCommand, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var connection = _connection;
        return TimedAnswer.WithinAsync(
            Patience,
            stop =>
            {
                var asking = RunAsync(stop);
                _asking = asking;
                return asking;
            },
            cancellationToken);

        async Task<T> RunAsync(CancellationToken stop)
        {
            var command = new NpgsqlCommand(text, connection) { CommandTimeout = TimedAnswer.NoTimeout };
            await using var _ = command.ConfigureAwait(false);
            command.Parameters.AddRange(parameters);
            return await ask(command, stop).ConfigureAwait(false);
        }
    }

    /// <summary>The message of a row; nothing where no release of ours can have written it.</summary>
    private static BackplaneMessage? MessageOf(NpgsqlDataReader row) =>
        StoredText.TryUnescape(row.GetString(4)) is { Length: > 0 and <= BackplaneMessage.MaxTopicLength } topic
        && StoredText.TryUnescape(row.GetString(5)) is { Length: <= BackplaneMessage.MaxContentLength } content
            ? new BackplaneMessage(row.GetGuid(3), topic, content) { Id = row.GetGuid(2) }
            : null;
}
