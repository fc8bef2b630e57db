using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Parsing;

/// <summary>Finds the context by which an agent reads and writes JSON: the interface's, or else the assembly's.</summary>
internal static class JsonContextParser
{
    /// <summary>The context, fully qualified; null without one, or, with the problem told, where it cannot be used.</summary>
    public static string? Parse(INamedTypeSymbol type, IAssemblySymbol assembly, IParseObserver observer)
    {
        if ((type.Attribute(WellKnownNames.JsonContextAttribute) ?? assembly.Attribute(WellKnownNames.JsonContextAttribute)) is not { ConstructorArguments: [{ Value: ITypeSymbol context }] } attribute)
            return null;
        if (context is INamedTypeSymbol { IsAbstract: false, IsUnboundGenericType: false, TypeKind: TypeKind.Class } named
            && named.IsOrDerivesFrom(WellKnownNames.JsonSerializerContext) && IsVisible(named, assembly))
            return named.ToCode();
        if (context.TypeKind != TypeKind.Error)
            observer.Problem(type, attribute, $"[JsonContext] names '{context.Name}', which is no JsonSerializerContext that can be seen from here; write: [JsonSerializable(typeof(…))] internal partial class AppJson : JsonSerializerContext;");
        return null;
    }

    private static bool IsVisible(INamedTypeSymbol type, IAssemblySymbol assembly)
    {
        var isOurs = SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly);
        for (var level = type; level is not null; level = level.ContainingType)
            if (level.IsFileLocal || !(level.DeclaredAccessibility == Accessibility.Public || (isOurs && level.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal)))
                return false;
        return true;
    }
}
