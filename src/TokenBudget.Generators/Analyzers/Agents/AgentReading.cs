namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>An attributed interface, as the rules see it.</summary>
/// <param name="Type">The interface.</param>
/// <param name="Calls">Its methods that run through the budget.</param>
/// <param name="Problems">What cannot be generated.</param>
/// <param name="Forwarded">Its methods that a wrapper passes on without the budget, and why.</param>
internal sealed record AgentReading(
    INamedTypeSymbol Type, IReadOnlyList<CallReading> Calls, IReadOnlyList<AgentProblem> Problems, IReadOnlyList<(IMethodSymbol Method, string Reason)> Forwarded);
