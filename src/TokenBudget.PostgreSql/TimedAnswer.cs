using Npgsql;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql;

/// <summary>Bounds how long the server may take for an answer.</summary>
/// <remarks>
/// A timeout of Npgsql's own asks the server to stop, and waits until that is done, on the thread of the pool that noticed. With a server that does not answer, a few such threads leave none for the callers of a
/// process on a small machine. So the commands of the store have none, and what took too long is ended from a thread outside the pool.
/// </remarks>
internal static class TimedAnswer
{
    /// <summary>A <see cref="NpgsqlCommand.CommandTimeout"/> that never comes.</summary>
    public const int NoTimeout = 0;

    /// <summary>The answer, if it comes in time.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <param name="ask">Asks, with <see cref="NoTimeout"/>; its token ends that.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TimeoutException">None came in time. What was asked for may be done all the same.</exception>
    public static async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken = default)
    {
        var stop = new CancellationTokenSource();
        var asking = ask(stop.Token);
        try
        {
            return await asking.WaitAsync(limit, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (asking.IsCompleted)
            {
                stop.Dispose();
            }
            else
            {
                _ = asking.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                stop.Abandon();
            }
        }
    }
}
