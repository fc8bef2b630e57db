namespace TokenBudget.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Some input could not be used: a file, a line, an option. What could be used was.</summary>
    public const int BadInput = 1;

    /// <summary>What was to be judged is not as it should be: the client of a simulated provider did something wrong, or a ledger is not as it was written.</summary>
    public const int NotClean = 3;

    /// <summary>What was compared is different: contracts of agents, and the file they are kept in.</summary>
    public const int Different = 4;

    /// <summary>Stopped by Ctrl+C, as shells number it.</summary>
    public const int Cancelled = 130;
}
