namespace Orchestrator.Agents;

/// <summary>One budget of a <see cref="CostReport"/>.</summary>
public sealed record BudgetLine(string Name, string Period, decimal SpentUsd, decimal? LimitUsd, bool IsPaused);
