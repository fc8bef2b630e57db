using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>A call that sends a history's whole content.</summary>
/// <param name="Holder">What holds it.</param>
/// <param name="Carrier">The argument that carries it.</param>
/// <param name="Call">The call in this member: of the model, or of a helper that calls it.</param>
internal readonly record struct HistorySend(Holder Holder, IOperation Carrier, IInvocationOperation Call);
