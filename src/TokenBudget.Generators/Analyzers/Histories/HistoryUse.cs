namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Something done to a history, and where.</summary>
internal readonly record struct HistoryUse(Holder Holder, IOperation Operation);
