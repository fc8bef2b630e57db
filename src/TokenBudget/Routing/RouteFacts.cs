namespace TokenBudget.Routing;

/// <summary>What decides about the model of a request.</summary>
/// <param name="InputTokens">The input, by our count.</param>
/// <param name="HasTools">Whether the model may call tools.</param>
/// <param name="BudgetPressure">How much of the fullest budget is spent or reserved: 1 is all of it.</param>
internal readonly record struct RouteFacts(long InputTokens, bool HasTools, double BudgetPressure);
