namespace TokenBudget.TestSupport;

/// <summary>Runs work that waits on a virtual clock here and on a real network there.</summary>
public static class VirtualTimeRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits for work and moves the clock to its next timer, and no further, whenever nothing else has moved for a while.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="work">The work.</param>
    /// <param name="progress">What moves when the real world does; compared by value.</param>
    /// <param name="stillness">For how many real milliseconds, each with a byte sent over the network and back, nothing must have moved.</param>
    /// <exception cref="TimeoutException">The work has not ended within a minute.</exception>
    public static async Task RunAsync(this VirtualTimeProvider clock, Task work, Func<object> progress, int stillness = 3)
    {
        using var network = await LoopbackEcho.ConnectAsync().ConfigureAwait(false);
        var begun = TimeProvider.System.GetTimestamp();
        var still = 0;
        var seen = progress();
        while (!work.IsCompleted)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"The work has not ended within {Patience}; last seen: {seen}.");
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System)).ConfigureAwait(false);
            // On a busy machine an answer may take longer than that. A byte that has gone the same way has let it pass.
            await network.PingAsync().ConfigureAwait(false);
            var now = progress();
            // What the thread pool has not got round to yet is not standing still, but other tests of the process keep it busy too.
            still = !now.Equals(seen) ? 0 : ThreadPool.PendingWorkItemCount == 0 ? still + 1 : still;
            seen = now;
            if (still < stillness || clock.NextTimer is not { } next)
                continue;
            clock.Advance(next);
            still = 0;
        }

        await work.ConfigureAwait(false);
    }
}
