using System.Diagnostics;

namespace TokenBudget.TestSupport;

/// <summary>Waits for what happens beside the test.</summary>
public static class Eventually
{
    /// <summary>How long a test waits for what must come: only one that fails waits for all of it, however busy the machine is and whatever else the process tests.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="condition">What has to become true.</param>
    /// <param name="patience">How long to wait; unset, <see cref="Patience"/>.</param>
    /// <returns>How long it took.</returns>
    /// <exception cref="TimeoutException">It did not become true.</exception>
    public static Task<TimeSpan> TrueAsync(Func<bool> condition, TimeSpan? patience = null) => TrueAsync(() => Task.FromResult(condition()), patience);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan?)"/>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            if (since.Elapsed > (patience ?? Patience))
                throw new TimeoutException("What the test waits for did not happen.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        return since.Elapsed;
    }
}
