namespace TokenBudget.Cli.Commands;

/// <summary>Which differences make <c>tokenbudget diff</c> fail, as it is typed.</summary>
internal enum FailOn
{
    Rise,
    Change,
    Nothing,
}
