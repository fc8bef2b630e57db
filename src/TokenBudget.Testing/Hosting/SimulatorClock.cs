namespace TokenBudget.Testing;

/// <summary>One clock for everything the simulator measures: it starts at the provider's wall clock and then only moves forward.</summary>
internal sealed class SimulatorClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startTimestamp = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_startTimestamp);

    public Task WaitAsync(TimeSpan span, CancellationToken cancellationToken) =>
        span > TimeSpan.Zero ? Task.Delay(span, time, cancellationToken) : Task.CompletedTask;
}
