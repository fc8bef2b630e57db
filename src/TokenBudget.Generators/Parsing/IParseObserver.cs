using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>What the analyzers want to hear of a parse. The generator hears nothing: it must not report, and symbols must not leave the parse.</summary>
internal interface IParseObserver
{
    /// <summary>Something cannot be generated as it is written.</summary>
    /// <param name="symbol">What is at fault.</param>
    /// <param name="attribute">The attribute that is at fault, if one is.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    void Problem(ISymbol symbol, AttributeData? attribute, string reason);

    /// <summary>A method of a wrapped interface is passed on without the budget, for it does not fit.</summary>
    /// <param name="method">The method.</param>
    /// <param name="reason">What does not fit.</param>
    void Forwarded(IMethodSymbol method, string reason);

    /// <summary>A method runs through the budget.</summary>
    /// <param name="method">The method.</param>
    /// <param name="call">What was read of it.</param>
    void Call(IMethodSymbol method, CallModel call);
}
