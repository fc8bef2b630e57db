namespace TokenBudget.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Some input could not be used: a file, a line, an option. What could be used was.</summary>
    public const int BadInput = 1;

    /// <summary>The client that a provider was simulated for did something wrong.</summary>
    public const int NotClean = 3;

    /// <summary>Stopped by Ctrl+C, as shells number it.</summary>
    public const int Cancelled = 130;
}
