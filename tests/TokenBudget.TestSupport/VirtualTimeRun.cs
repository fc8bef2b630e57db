namespace TokenBudget.TestSupport;

/// <summary>Runs work that waits on a virtual clock here and on a real network there.</summary>
public static class VirtualTimeRun
{
    /// <summary>
    /// Waits for work that only the clock keeps waiting, and moves the clock to each timer it sets, and no further: one that runs on by itself is hours ahead when a busy machine gets round to the work. The work may end in an exception.
    /// </summary>
    /// <param name="clock">The clock.</param>
    /// <param name="work">The work.</param>
    public static Task AdvanceUntilAsync(this VirtualTimeProvider clock, Task work) => Eventually.TrueAsync(() =>
    {
        if (!work.IsCompleted && clock.NextTimer is { } next)
            clock.Advance(next);
        return work.IsCompleted;
    });

    // Of real time, in which nothing at all has moved: how long a run takes as a whole is up to the machine.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What sets one timer after the other for ever moves, and does not end.
    private const int MostMoves = 20_000;

    /// <summary>Waits for work and moves the clock to its next timer, and no further, whenever nothing else has moved for a while.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="work">The work.</param>
    /// <param name="progress">What moves when the real world does; compared by value.</param>
    /// <param name="stillness">For how many real milliseconds, each with a byte sent over the network and back, nothing must have moved.</param>
    /// <exception cref="TimeoutException">Neither the work nor the clock has moved for a minute, or the clock again and again to no end.</exception>
    public static async Task RunAsync(this VirtualTimeProvider clock, Task work, Func<object> progress, int stillness = 3)
    {
        using var network = await LoopbackEcho.ConnectAsync().ConfigureAwait(false);
        var moved = TimeProvider.System.GetTimestamp();
        var moves = 0;
        var still = 0;
        var seen = progress();
        while (!work.IsCompleted)
        {
            if (TimeProvider.System.GetElapsedTime(moved) > Patience || moves > MostMoves)
                throw new TimeoutException($"The work has not ended; last seen: {seen}, after {moves} moves of the clock and {TimeProvider.System.GetElapsedTime(moved)} of stillness.");
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System)).ConfigureAwait(false);
            // On a busy machine an answer may take longer than that. A byte that has gone the same way has let it pass.
            await network.PingAsync().ConfigureAwait(false);
            var now = progress();
            var isStill = now.Equals(seen);
            if (!isStill)
                moved = TimeProvider.System.GetTimestamp();
            // What the thread pool has not got round to yet is not standing still, but other tests of the process keep it busy too.
            still = !isStill ? 0 : ThreadPool.PendingWorkItemCount == 0 ? still + 1 : still;
            seen = now;
            if (still < stillness || clock.NextTimer is not { } next)
                continue;
            clock.Advance(next);
            (still, moves, moved) = (0, moves + 1, TimeProvider.System.GetTimestamp());
        }

        await work.ConfigureAwait(false);
    }
}
