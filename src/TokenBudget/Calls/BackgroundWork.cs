using System.Collections.Concurrent;

namespace TokenBudget.Calls;

/// <summary>Work after a reply, off the caller's path. The runtime waits for it when it is disposed.</summary>
internal sealed class BackgroundWork
{
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    /// <summary>Starts work that handles its own failures.</summary>
    public void Start(Func<Task> work)
    {
        var task = Task.Run(work);
        _running[task] = true;
        _ = task.ContinueWith(
            static (finished, state) => ((ConcurrentDictionary<Task, bool>)state!).TryRemove(finished, out _),
            _running,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Waits until nothing runs.</summary>
    public async Task DrainAsync()
    {
        while (_running.Keys is { Count: > 0 } tasks)
        {
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // This may run inside the completion of the last task, before its continuation that would remove it.
            foreach (var task in tasks)
                _running.TryRemove(task, out _);
        }
    }
}
