namespace TokenBudget.Sharing;

/// <summary>Stops work that nobody waits for any more.</summary>
internal static class AbandonedWork
{
    /// <summary>Looks at how work ends that nobody awaits any more, so that its error is not one that nobody has seen.</summary>
    public static void Forget(this Task work) =>
        _ = work.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>
    /// Cancels on a thread of its own, and disposes. To cancel may block: drivers ask their server to stop, on the thread that cancels, and a server that does not answer does not answer that either. On
    /// threads of the pool, every caller of the process would wait for one.
    /// </summary>
    public static void Abandon(this CancellationTokenSource work) => _ = Task.Factory.StartNew(
        static state =>
        {
            var source = (CancellationTokenSource)state!;
            try
            {
                source.Cancel();
            }
            catch (Exception exception) when (exception is AggregateException or ObjectDisposedException)
            {
                // What somebody's callback threw, or nothing was under way any more.
            }

            source.Dispose();
        },
        work,
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
