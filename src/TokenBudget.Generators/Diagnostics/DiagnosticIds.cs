namespace TokenBudget.Generators.Diagnostics;

/// <summary>The ids of the rules. Linked into the code fixes, which do not reference this project. An id is never used again.</summary>
internal static class DiagnosticIds
{
    public const string HistoryGrowsInLoop = "TB0001";
    public const string HistoryGrowsInMember = "TB0002";
    public const string CannotBeGenerated = "TB0100";
    public const string NoHistoryPolicy = "TB0102";
}
