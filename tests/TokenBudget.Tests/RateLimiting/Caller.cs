using System.Runtime.CompilerServices;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>
/// A caller that waits for a limiter, to be looked at whenever one likes. A task of its wait would do, but learns of the end a moment later, on another thread.
/// </summary>
internal sealed class Caller(ValueTask<RateReservation> wait)
{
    private Task<RateReservation>? _task;

    public bool IsCompleted => _task?.IsCompleted ?? wait.IsCompleted;

    public bool IsCompletedSuccessfully => IsCompleted && Task.IsCompletedSuccessfully;

    public bool IsFaulted => IsCompleted && Task.IsFaulted;

    public bool IsCanceled => IsCompleted && Task.IsCanceled;

    /// <summary>The reservation of a caller that was admitted.</summary>
    public RateReservation Result => IsCompleted ? Task.GetAwaiter().GetResult() : throw new InvalidOperationException("It waits still.");

    public Exception? Error => IsFaulted ? Task.Exception!.InnerException : null;

    public Task<RateReservation> Task => _task ??= wait.AsTask();

    public Task<RateReservation> WaitAsync(TimeSpan atMost) => Task.WaitAsync(atMost);

    public TaskAwaiter<RateReservation> GetAwaiter() => Task.GetAwaiter();
}
