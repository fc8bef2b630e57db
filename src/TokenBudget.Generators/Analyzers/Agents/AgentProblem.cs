namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>Something that cannot be generated as it is written.</summary>
/// <param name="Symbol">What is at fault.</param>
/// <param name="Attribute">The attribute that is at fault, if one is.</param>
/// <param name="Reason">What is wrong and what to do.</param>
internal sealed record AgentProblem(ISymbol Symbol, AttributeData? Attribute, string Reason);
