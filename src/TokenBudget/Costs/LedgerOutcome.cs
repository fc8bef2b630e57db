namespace TokenBudget.Costs;

/// <summary>How a model request ended. The numbers are stored; they never change.</summary>
public enum LedgerOutcome
{
    /// <summary>Answered to the end.</summary>
    Completed = 0,

    /// <summary>Cancelled or abandoned by the caller; charged for what was produced.</summary>
    Cancelled = 1,

    /// <summary>Failed at the provider after work was done.</summary>
    Failed = 2,

    /// <summary>Answered from the response cache: nothing was spent.</summary>
    Avoided = 3,

    /// <summary>No request: somebody allowed a budget to spend more in this period. <see cref="LedgerEntry.Cost"/> is by how much; no total counts it.</summary>
    Approved = 4,

    /// <summary>
    /// No request: what one inside a budgeted call cost, said again for the budget of that call. Counts towards sums of that budget; no total counts it.
    /// </summary>
    Nested = 5,

    /// <summary>Not answered yet: written before the request is sent, at the most it can cost, which counts as spent. Totals leave it out.</summary>
    Reserved = 6,

    /// <summary>The process ended before it said what the request cost: it stays at the most it can cost, unless a line of the same id comes later.</summary>
    Unsettled = 7,

    /// <summary>
    /// No request: somebody paused a budget by hand, until a later line of it is <see cref="Approved"/>. <see cref="LedgerEntry.Method"/> is its period, as it is of an approval, and
    /// <see cref="LedgerEntry.Model"/> the reason given; no total counts it.
    /// </summary>
    Paused = 8,
}
