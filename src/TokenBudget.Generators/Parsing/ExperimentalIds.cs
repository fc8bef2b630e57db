using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Parsing;

/// <summary>
/// The ids under which the compiler reports the use of what is <c>[Experimental]</c>. Whoever wrote the interface has agreed to them; what is made of it uses the same.
/// </summary>
internal sealed class ExperimentalIds
{
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>All that was found, each once, in order.</summary>
    public EquatableArray<string> All => _ids.ToList().ToEquatableArray();

    /// <summary>Adds a member and the types in its signature.</summary>
    public void Add(ISymbol member)
    {
        Note(member);
        switch (member)
        {
            case IMethodSymbol method:
                Add(method.ReturnType);
                foreach (var parameter in method.Parameters)
                    Add(parameter.Type);
                break;
            case IPropertySymbol property:
                Add(property.Type);
                break;
            case IEventSymbol @event:
                Add(@event.Type);
                break;
        }
    }

    /// <summary>Adds a type and what it consists of.</summary>
    public void Add(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            Add(array.ElementType);
        for (var level = type as INamedTypeSymbol; level is not null; level = level.ContainingType)
        {
            Note(level);
            foreach (var argument in level.TypeArguments)
                Add(argument);
        }
    }

    private void Note(ISymbol symbol)
    {
        if (symbol.Attribute("System.Diagnostics.CodeAnalysis.ExperimentalAttribute") is { ConstructorArguments: [{ Value: string { Length: > 0 } id }] } && id.All(static character => char.IsLetterOrDigit(character) || character == '_'))
            _ids.Add(id);
    }
}
