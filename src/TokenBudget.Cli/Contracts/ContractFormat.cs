namespace TokenBudget.Cli.Contracts;

/// <summary>How contracts are written, as it is typed.</summary>
internal enum ContractFormat
{
    Table,
    Json,
    Markdown,
    Sarif,
}
