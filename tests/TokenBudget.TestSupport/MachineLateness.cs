using System.Diagnostics;

namespace TokenBudget.TestSupport;

/// <summary>
/// How late this machine is while a test runs: the longest that something which should have happened at once, or after ten milliseconds, was overdue. A bound in real time holds for what the product
/// does; that a busy machine runs it later is measured here and not counted against it.
/// </summary>
public sealed class MachineLateness : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;
    private long _worst;

    public MachineLateness() => _looking = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(LookAsync)));

    /// <summary>The worst so far.</summary>
    public TimeSpan Worst => TimeSpan.FromTicks(Interlocked.Read(ref _worst));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
    }

    private async Task LookAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            await Task.Delay(Beat, TimeProvider.System);
            await Task.Yield();
            var late = (Stopwatch.GetElapsedTime(began) - Beat).Ticks;
            long seen;
            while ((seen = Interlocked.Read(ref _worst)) < late && Interlocked.CompareExchange(ref _worst, late, seen) != seen)
            {
            }
        }
    }
}
