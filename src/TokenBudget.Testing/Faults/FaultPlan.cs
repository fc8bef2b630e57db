namespace TokenBudget.Testing;

/// <summary>Ready plans for <see cref="SimulatorOptions.Faults"/>.</summary>
public static class FaultPlan
{
    /// <summary>The n-th valid request gets the n-th fault; <see langword="null"/> is no fault, as is everything after the last.</summary>
    /// <param name="faults">The faults in order.</param>
    /// <returns>A thread-safe plan with its own position: use it for one simulator.</returns>
    public static Func<SimulatedRequest, SimulatedFault?> InOrder(params IReadOnlyList<SimulatedFault?> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        SimulatedFault?[] plan = [.. faults];
        var next = -1;
        return _ => Interlocked.Increment(ref next) is var index && index >= 0 && index < plan.Length ? plan[index] : null;
    }
}
