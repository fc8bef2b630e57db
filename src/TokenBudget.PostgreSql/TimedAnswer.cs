using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <summary>Bounds how long the server may take for an answer.</summary>
/// <remarks>
/// A timeout of Npgsql's own, and cancelling a command, asks the server to stop, and waits until that is done, on the thread of the pool that noticed. With a server that does not answer, a few such threads leave none for
/// the callers of a process on a small machine. So the commands of the store have none, callers' tokens end the waiting alone, and what took too long is ended from a thread outside the pool.
/// </remarks>
internal static class TimedAnswer
{
    /// <summary>A <see cref="NpgsqlCommand.CommandTimeout"/> that never comes.</summary>
    public const int NoTimeout = 0;

    /// <summary>How long a caller may wait who said nothing else: the <c>Command Timeout</c> of the connection string.</summary>
    public static TimeSpan LimitOf(NpgsqlDataSource source) =>
        new NpgsqlConnectionStringBuilder(source.ConnectionString).CommandTimeout is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan;

    /// <summary>The answer, if it comes in time.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="ask">Asks, with <see cref="NoTimeout"/>; its token ends that.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="NpgsqlException">The server or the network failed, or no answer came in time (around a <see cref="TimeoutException"/>). What was asked for may be done all the same.</exception>
    /// <exception cref="OperationCanceledException">The waiting was stopped, whatever failed at the same instant.</exception>
    public static async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stop = new CancellationTokenSource();
        var asking = ask(stop.Token);
        try
        {
            return await asking.WaitAsync(limit, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        catch (TimeoutException) when (asking.IsCompletedSuccessfully)
        {
            // Just in time.
            return await asking.ConfigureAwait(false);
        }
        catch (TimeoutException timeout)
        {
            throw NoAnswer(limit, timeout);
        }
        // What the driver lets through as it is: a name that cannot be resolved, for example.
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new NpgsqlException($"PostgreSQL cannot be reached: {error.Message}", error);
        }
        // And what is left of a connection that broke while it was made: the first transaction on it meets an event that is disposed.
        catch (ObjectDisposedException error) when (error.ObjectName.StartsWith("System.", StringComparison.Ordinal))
        {
            throw new NpgsqlException($"A connection to PostgreSQL broke: {error.Message}", new IOException(error.Message, error));
        }
        finally
        {
            if (asking.IsCompleted)
            {
                stop.Dispose();
            }
            else
            {
                asking.Forget();
                stop.Abandon();
            }
        }
    }

    /// <summary>The error of an answer that did not come.</summary>
    public static NpgsqlException NoAnswer(TimeSpan limit, Exception timeout) => new(
        string.Create(CultureInfo.InvariantCulture, $"PostgreSQL has not answered within {limit.TotalSeconds:0.##} s. What it was asked for may be done all the same."), timeout);

    /// <summary>Whether an error is that of a broken connection, of which there may be a working one: not of a server that says nothing.</summary>
    public static bool IsBrokenConnection(NpgsqlException error) => error is { IsTransient: true, InnerException: not TimeoutException };
}
