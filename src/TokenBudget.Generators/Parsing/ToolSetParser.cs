using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads the types <c>[Tools]</c> names.</summary>
internal sealed class ToolSetParser(IAssemblySymbol assembly, bool hasJsonContext, CancellationToken cancellationToken)
{
    // One type serves many methods of an interface.
    private readonly Dictionary<INamedTypeSymbol, (ToolSetModel? Set, string? Problem)> _known = new(SymbolEqualityComparer.Default);

    /// <summary>The tools of a method, each type once; with the problem, if a type has one.</summary>
    /// <param name="levels">What carries the attributes: the interfaces before the method.</param>
    /// <param name="problem">What is wrong, or null.</param>
    public EquatableArray<ToolSetModel> Parse(IReadOnlyList<ISymbol> levels, out string? problem)
    {
        problem = null;
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var sets = new List<ToolSetModel>();
        foreach (var level in levels)
        {
            foreach (var attribute in level.GetAttributes())
            {
                if (!attribute.AttributeClass.Is(WellKnownNames.ToolsAttribute) || attribute.ConstructorArguments is not [{ Kind: TypedConstantKind.Type, Value: ITypeSymbol type }])
                    continue;
                if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Interface, IsUnboundGenericType: false } named)
                    problem ??= $"[Tools] names '{type.Name}', which is no class or interface with its type arguments";
                else if (seen.Add(named) && Read(named, ref problem) is { } set)
                    sets.Add(set);
            }
        }

        problem ??= DuplicateName(sets);
        return sets.ToEquatableArray();
    }

    private ToolSetModel? Read(INamedTypeSymbol type, ref string? problem)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_known.TryGetValue(type, out var known))
            _known.Add(type, known = (Make(type, out var found), found));
        problem ??= known.Problem;
        return known.Set;
    }

    private ToolSetModel? Make(INamedTypeSymbol type, out string? problem)
    {
        problem = null;
        if (!IsVisible(type))
        {
            problem = $"[Tools] names '{type.Name}', which cannot be seen from the generated class; make it internal or public";
            return null;
        }

        var tools = new List<ToolModel>();
        foreach (var method in MethodsOf(type))
        {
            if (ToolParser.Parse(method, type, hasJsonContext, out problem) is { } tool)
                tools.Add(tool);
            else if (problem is not null)
                return null;
        }

        if (tools.Count == 0)
            problem = $"[Tools] names '{type.Name}', which has no public method that could be a tool";
        return new ToolSetModel(
            type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToCode(),
            type.Name,
            tools.Exists(static tool => !tool.IsStatic),
            type is { TypeKind: TypeKind.Class, IsAbstract: false } && HasPublicConstructor(type),
            IsPublic(type),
            tools.ToEquatableArray());
    }

    /// <summary>The public methods, those of bases included, each once.</summary>
    private static IEnumerable<IMethodSymbol> MethodsOf(INamedTypeSymbol type)
    {
        var seen = new HashSet<string>();
        for (INamedTypeSymbol? level = type; level is not null and not { SpecialType: SpecialType.System_Object }; level = level.BaseType)
            foreach (var method in MethodsAt(level, seen))
                yield return method;
        if (type.TypeKind == TypeKind.Interface)
            foreach (var inherited in type.AllInterfaces)
                foreach (var method in MethodsAt(inherited, seen))
                    yield return method;
    }

    private static IEnumerable<IMethodSymbol> MethodsAt(INamedTypeSymbol level, HashSet<string> seen)
    {
        foreach (var member in level.GetMembers())
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, DeclaredAccessibility: Accessibility.Public, IsImplicitlyDeclared: false, Arity: 0 } method
                && !IsOfObject(method) && method is not { Name: "Dispose" or "DisposeAsync" } && seen.Add(ParameterParser.Key(method)))
                yield return method;
    }

    private static bool IsOfObject(IMethodSymbol method)
    {
        var root = method;
        while (root.OverriddenMethod is { } overridden)
            root = overridden;
        return root.ContainingType.SpecialType == SpecialType.System_Object;
    }

    private static bool HasPublicConstructor(INamedTypeSymbol type)
    {
        foreach (var constructor in type.InstanceConstructors)
            if (constructor.DeclaredAccessibility == Accessibility.Public)
                return true;
        return false;
    }

    private bool IsVisible(INamedTypeSymbol type)
    {
        var isOurs = SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly);
        for (var level = type; level is not null; level = level.ContainingType)
            if (level.IsFileLocal || !(level.DeclaredAccessibility == Accessibility.Public || (isOurs && level.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal)))
                return false;
        return true;
    }

    private static bool IsPublic(INamedTypeSymbol type)
    {
        for (var level = type; level is not null; level = level.ContainingType)
            if (level.DeclaredAccessibility != Accessibility.Public)
                return false;
        return true;
    }

    private static string? DuplicateName(List<ToolSetModel> sets)
    {
        var names = new HashSet<string>();
        foreach (var set in sets)
            foreach (var tool in set.Tools)
                if (!names.Add(tool.Name))
                    return $"it has two tools named '{tool.Name}'; give one of their methods a [DisplayName]";
        return null;
    }
}
