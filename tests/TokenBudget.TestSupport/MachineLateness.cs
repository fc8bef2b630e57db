using System.Diagnostics;

namespace TokenBudget.TestSupport;

/// <summary>
/// How late this machine is while a test runs: the longest that a thread which wanted to sleep for ten milliseconds slept more. A bound in real time holds for what the product does; that a busy machine
/// runs it later is measured here and not counted against it. The thread is not of the pool, so that a product which blocks the pool finds no excuse here.
/// </summary>
public sealed class MachineLateness : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEvent _stop = new(false);
    private long _worst;
    private int _threads;

    public MachineLateness() => new Thread(Look) { IsBackground = true }.Start();

    /// <summary>The worst so far.</summary>
    public TimeSpan Worst => TimeSpan.FromTicks(Interlocked.Read(ref _worst));

    /// <summary>The most threads the pool had: many more than processors are threads that something blocked.</summary>
    public int PoolThreads => Volatile.Read(ref _threads);

    public async ValueTask DisposeAsync()
    {
        _stop.Set();
        await _ended.Task;
        _stop.Dispose();
    }

    private void Look()
    {
        var began = Stopwatch.GetTimestamp();
        while (!_stop.WaitOne(Beat))
        {
            var late = (Stopwatch.GetElapsedTime(began) - Beat).Ticks;
            Interlocked.Exchange(ref _worst, Math.Max(_worst, late));
            Volatile.Write(ref _threads, Math.Max(_threads, ThreadPool.ThreadCount));
            began = Stopwatch.GetTimestamp();
        }

        _ended.SetResult();
    }
}
