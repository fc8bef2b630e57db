namespace TokenBudget.PostgreSql;

/// <summary>Which budgets a statement may change, as far as it shows: those of some names at one time, and those from which a line holds something.</summary>
/// <param name="Names">The names, as they are stored.</param>
/// <param name="At">The time, in ticks.</param>
/// <param name="Line">The line.</param>
internal readonly record struct TouchedBudgets(string[] Names, long At, Guid Line);
