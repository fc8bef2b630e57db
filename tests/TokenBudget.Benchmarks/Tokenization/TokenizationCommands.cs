namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>The commands of this folder.</summary>
internal static class TokenizationCommands
{
    public static bool TryRun(string[] args)
    {
        switch (args)
        {
            case ["tokens"]:
                TokensReport.Print("o200k_base");
                return true;
            case ["tokens", var encoding]:
                TokensReport.Print(encoding);
                return true;
            case ["cold"]:
                ColdStart.Print();
                return true;
            case ["cold-child", var encoding]:
                ColdStart.MeasureHere(encoding);
                return true;
            default:
                return false;
        }
    }
}
