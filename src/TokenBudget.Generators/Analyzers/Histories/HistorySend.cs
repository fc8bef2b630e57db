namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>A call that sends a history's whole content.</summary>
/// <param name="Holder">What holds it.</param>
/// <param name="Carrier">The argument that carries it.</param>
/// <param name="Call">The call in this member: of the model, or of a helper that calls it.</param>
/// <param name="Inner">The call of the model in a helper that makes the history longer itself; null if it is here, or if the helper only passes on.</param>
internal readonly record struct HistorySend(Holder Holder, IOperation Carrier, IInvocationOperation Call, SyntaxNode? Inner = null)
{
    /// <summary>The places that explain a report.</summary>
    public IEnumerable<SyntaxNode> PlacesWith(IOperation growth) => Inner is null ? [growth.Syntax] : [growth.Syntax, Inner];
}
