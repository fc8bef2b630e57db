namespace TokenBudget.Testing;

/// <summary>How long the simulated model thinks and how fast it writes, on the simulator's clock.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatedLatency
{
    /// <summary>Time before the response begins. None unless set.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>Speed of generation; <see langword="null"/> is infinitely fast. Above 0.</summary>
    public double? OutputTokensPerSecond { get; init; }

    /// <summary>Answers at once.</summary>
    public static SimulatedLatency None { get; } = new();

    internal TimeSpan Of(int outputTokens) =>
        OutputTokensPerSecond is { } speed ? TimeSpan.FromSeconds(outputTokens / speed) : TimeSpan.Zero;
}
