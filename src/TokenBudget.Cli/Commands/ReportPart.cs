using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary>What the lines of a report are told apart by, as it is typed.</summary>
internal enum ReportPart
{
    Day = LedgerGrouping.Day,
    Agent = LedgerGrouping.Agent,
    Method = LedgerGrouping.Method,
    Model = LedgerGrouping.Model,
    Tenant = LedgerGrouping.Tenant,
    Budget = LedgerGrouping.Budget,
}
