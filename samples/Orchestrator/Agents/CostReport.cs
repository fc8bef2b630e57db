namespace Orchestrator.Agents;

/// <summary>What <c>report_cost</c> tells the model.</summary>
/// <param name="Requests">Settled model requests.</param>
/// <param name="SpentUsd">What they cost.</param>
/// <param name="AvoidedUsd">What answers from the response cache would have cost.</param>
/// <param name="TokensNotSent">Input tokens the context window left out.</param>
/// <param name="NotSentUsd">What these would have cost at least.</param>
/// <param name="Budgets">The budgets in their current period.</param>
public sealed record CostReport(long Requests, decimal SpentUsd, decimal AvoidedUsd, long TokensNotSent, decimal NotSentUsd, IReadOnlyList<BudgetLine> Budgets);
