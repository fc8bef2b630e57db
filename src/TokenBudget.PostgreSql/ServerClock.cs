using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>The server's clock, carried on between readings by a clock that nobody sets, so that the processes of a budget are in the same period whatever their own clocks say.</summary>
internal sealed class ServerClock
{
    private Reading? _last;

    /// <summary>The time there, to half of what the last reading took; <see langword="null"/>, not known yet.</summary>
    public DateTimeOffset? Now => Volatile.Read(ref _last) is { } last ? last.At + TimeProvider.System.GetElapsedTime(last.Timestamp) : null;

    /// <summary>The first reading; from the first reservation on, every heartbeat brings another.</summary>
    public async Task<bool> ReadAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var command = source.CreateCommand("SELECT clock_timestamp()");
        await using var _ = command.ConfigureAwait(false);
        command.CommandTimeout = TimedAnswer.NoTimeout;
        var asked = TimeProvider.System.GetTimestamp();
        Set((DateTime)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!, asked);
        return true;
    }

    /// <summary>Takes over a reading.</summary>
    /// <param name="told">What the server said.</param>
    /// <param name="asked">The timestamp when it was asked.</param>
    public void Set(DateTime told, long asked)
    {
        var answered = TimeProvider.System.GetTimestamp();
        Volatile.Write(ref _last, new Reading(new DateTimeOffset(told.ToUniversalTime(), TimeSpan.Zero), asked + ((answered - asked) / 2)));
    }

    private sealed record Reading(DateTimeOffset At, long Timestamp);
}
