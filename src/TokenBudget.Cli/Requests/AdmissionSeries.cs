namespace TokenBudget.Cli.Requests;

/// <summary>What a plot of a replay shows.</summary>
internal sealed class AdmissionSeries
{
    /// <summary>Tokens of the sliding minute, counted when admitted.</summary>
    public SecondSeries Tokens { get; } = new();

    /// <summary>The same of the oracle.</summary>
    public SecondSeries OracleTokens { get; } = new();

    /// <summary>Requests that wait.</summary>
    public SecondSeries Waiting { get; } = new();
}
