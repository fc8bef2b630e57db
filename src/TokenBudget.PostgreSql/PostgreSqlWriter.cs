using System.Threading.Channels;
using Npgsql;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <summary>
/// Writes lines of the ledger. What waits at the same time goes in one round trip and one commit, so a thousand callers need no thousand connections; each still succeeds or fails alone.
/// </summary>
/// <remarks>A server that does not answer is left alone after a while: its connection ends by itself, and the next batch tries another.</remarks>
internal sealed class PostgreSqlWriter : IAsyncDisposable
{
    private const int MaxBatch = 256;
    private const int Workers = 2;
    // The next batch waits no longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    // And this is when what was left alone is ended.
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource _source;
    private readonly string _lock;
    private readonly Channel<WriteRequest> _queue = Channel.CreateBounded<WriteRequest>(8 * MaxBatch);
    private readonly Task _workers;

    /// <param name="source">The connections.</param>
    /// <param name="schema">The schema.</param>
    public PostgreSqlWriter(NpgsqlDataSource source, string schema)
    {
        _source = source;
        _lock = $"SELECT {schema}.lock_budgets_v1($1, $2, $3, $4)";
        _workers = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));
    }

    /// <summary>Runs one statement and reads its rows, if it has a result; completes after it is committed.</summary>
    /// <exception cref="NpgsqlException">The server refused, is not there, or does not answer; then the statement may be done all the same.</exception>
    public async Task<T> RunAsync<T>(NpgsqlBatchCommand command, TouchedBudgets budgets, Func<NpgsqlDataReader, CancellationToken, Task<T>>? read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new WriteRequest<T>(command, budgets, read);
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PostgreSqlStore));
        }

        using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((WriteRequest)state!).Cancel(token), request);
        return await request.Task.ConfigureAwait(false);
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _workers.ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var requests = new List<WriteRequest>();
            while (requests.Count < MaxBatch && _queue.Reader.TryRead(out var request))
            {
                // One whose caller has left is not sent at all.
                if (request.TryStart())
                    requests.Add(request);
            }

            if (requests.Count > 0)
                await WriteAsync(requests).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(List<WriteRequest> requests)
    {
        var sending = TimedAnswer.WithinAsync(MostPatience, stop => SendAsync(requests, stop));
        try
        {
            await sending.WaitAsync(Patience, TimeProvider.System).ConfigureAwait(false);
            foreach (var request in requests)
                request.Complete();
        }
        catch (PostgresException) when (requests.Count > 1)
        {
            // One of them is at fault, and nothing is written: each by itself.
            foreach (var request in requests)
                await WriteAsync([request]).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            sending.Forget();
            if (error is TimeoutException)
                error = TimedAnswer.NoAnswer(Patience, error);
            foreach (var request in requests)
                request.Fail(error);
        }
    }

    private async Task<bool> SendAsync(List<WriteRequest> requests, CancellationToken stop)
    {
        var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var batch = connection.CreateBatch();
        await using var __ = batch.ConfigureAwait(false);
        batch.Timeout = TimedAnswer.NoTimeout;
        if (requests.Count > 1)
            batch.BatchCommands.Add(LockOf(requests));
        foreach (var request in requests)
            batch.BatchCommands.Add(request.Command);
        try
        {
            await batch.PrepareAsync(stop).ConfigureAwait(false);
            var rows = await batch.ExecuteReaderAsync(stop).ConfigureAwait(false);
            await using var ___ = rows.ConfigureAwait(false);
            if (requests.Count > 1)
                await rows.NextResultAsync(stop).ConfigureAwait(false);
            foreach (var request in requests.Where(static request => request.HasResult))
            {
                await request.ReadAsync(rows, stop).ConfigureAwait(false);
                await rows.NextResultAsync(stop).ConfigureAwait(false);
            }

            // Errors of what has no result show at the end.
            while (await rows.NextResultAsync(stop).ConfigureAwait(false))
            {
            }

            return true;
        }
        finally
        {
            // Should they have to be sent again.
            batch.BatchCommands.Clear();
        }
    }

    /// <summary>Locks the budgets of all requests in one order, whatever the order of the requests.</summary>
    private NpgsqlBatchCommand LockOf(List<WriteRequest> requests)
    {
        var command = new NpgsqlBatchCommand(_lock);
        var named = requests.Where(static request => request.Budgets.Names.Length > 0).Select(static request => request.Budgets).ToList();
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. named.SelectMany(static budgets => budgets.Names).Distinct(StringComparer.Ordinal)] });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = named.Select(static budgets => budgets.At).DefaultIfEmpty().Min() });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = named.Select(static budgets => budgets.At).DefaultIfEmpty().Max() });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. requests.Select(static request => request.Budgets.Line)] });
        return command;
    }
}
