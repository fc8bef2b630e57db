namespace TokenBudget.Caching;

/// <summary>
/// Fills a cache before users ask: runs a list of calls, each of them the call a user will make, so that key, tenant, budgets and limits are its own. What is cached already is not sent, and
/// equal calls are sent once.
/// </summary>
public static class CacheWarming
{
    /// <summary>Runs calls, a few at a time. One that fails is told and holds up no other.</summary>
    /// <param name="calls">The calls, for example <c>token => agent.ClassifyAsync("Where is my invoice?", token)</c>; a stream must be read to its end.</param>
    /// <param name="maxConcurrency">How many at a time; at least 1.</param>
    /// <param name="cancellationToken">Cancels what runs, and begins nothing more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is less than 1.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>The calls are enumerated while they run, so a list may be longer than memory. A budget that is used up fails every call after it: look at the report.</remarks>
    public static async Task<CacheWarmingReport> RunAsync(
        IEnumerable<Func<CancellationToken, Task>> calls, int maxConcurrency = 4, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(calls);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        var completed = 0;
        var gate = new Lock();
        var failures = new List<CacheWarmingFailure>();
        await Parallel.ForEachAsync(
            calls.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = maxConcurrency, CancellationToken = cancellationToken },
            async (call, token) =>
            {
                try
                {
                    await call.Item(token).ConfigureAwait(false);
                    Interlocked.Increment(ref completed);
                }
                catch (Exception exception) when (!token.IsCancellationRequested)
                {
                    lock (gate)
                        failures.Add(new CacheWarmingFailure(call.Index, exception));
                }
            }).ConfigureAwait(false);
        return new CacheWarmingReport(completed, [.. failures.OrderBy(static failure => failure.Call)]);
    }
}
