using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>The generator's observer.</summary>
internal sealed class SilentObserver : IParseObserver
{
    public static readonly SilentObserver Instance = new();

    public void Problem(ISymbol symbol, AttributeData? attribute, string reason)
    {
    }

    public void Forwarded(IMethodSymbol method, string reason)
    {
    }

    public void Call(IMethodSymbol method, CallModel call)
    {
    }
}
