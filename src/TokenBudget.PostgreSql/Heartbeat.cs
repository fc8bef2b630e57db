using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>Says every second that this process is there, so that what it has reserved is not taken for what an ended one left behind; and finds what ended ones did leave.</summary>
/// <remarks>A process that is cut off is taken for ended. That harms nothing: its lines stay at the worst case, and it replaces them when it is back.</remarks>
/// <param name="source">The data source.</param>
/// <param name="schema">The schema.</param>
/// <param name="holder">The process.</param>
/// <param name="clock">The server's clock, read with every beat.</param>
/// <param name="found">Told how many lines were found, if any.</param>
internal sealed class Heartbeat(NpgsqlDataSource source, string schema, Guid holder, ServerClock clock, Action<long> found) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    // What a kill leaves is found within five seconds.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(4);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _loop;

    /// <summary>Begins, if it has not begun. Cheap.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _loop) is not null)
            return;
        lock (_gate)
            _loop ??= _stop.IsCancellationRequested ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>One beat.</summary>
    /// <param name="lifetime">For how long this process is there without another.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="NpgsqlException">The server has not answered, or is not there.</exception>
    public Task BeatAsync(TimeSpan lifetime, CancellationToken cancellationToken) => TimedAnswer.WithinAsync(Lifetime, stop => AskAsync(lifetime, stop), cancellationToken);

    /// <summary>Leaves: nothing of this process is under way any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            _stop.Cancel();
            loop = _loop;
        }

        if (loop is not null)
            await loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                try
                {
                    await BeatAsync(Lifetime, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception) when (!_stop.IsCancellationRequested)
                {
                    // Requests find out by themselves; the next beat is tried in a second.
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task<bool> AskAsync(TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var command = source.CreateCommand($"SELECT {schema}.beat_v1($1, $2), clock_timestamp()");
        await using var _ = command.ConfigureAwait(false);
        command.CommandTimeout = TimedAnswer.NoTimeout;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = holder });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = lifetime });
        var asked = TimeProvider.System.GetTimestamp();
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        clock.Set(row.GetDateTime(1), asked);
        if (row.GetInt64(0) is > 0 and var count)
            found(count);
        return true;
    }
}
