namespace TokenBudget.Testing;

/// <summary>A client behaved badly. The message is the verdict's whole report, so that a failed test shows it.</summary>
public sealed class SimulatorVerdictException : Exception
{
    internal SimulatorVerdictException(SimulatorVerdict verdict)
        : base($"The provider's verdict on its client is {verdict}") => Verdict = verdict;

    /// <summary>The verdict.</summary>
    public SimulatorVerdict Verdict { get; }
}
