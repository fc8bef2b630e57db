using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>Finds the constructor System.Text.Json calls.</summary>
internal static class JsonConstructor
{
    /// <summary>What is wrong; null, when there is one.</summary>
    /// <param name="type">The type.</param>
    /// <param name="constructor">The constructor; null for the one without parameters.</param>
    public static string? Find(INamedTypeSymbol type, out IMethodSymbol? constructor)
    {
        constructor = null;
        var chosen = type.InstanceConstructors.Where(static one => one.HasAttribute("System.Text.Json.Serialization.JsonConstructorAttribute")).ToList();
        if (chosen.Count > 1)
            return "has several constructors with [JsonConstructor]; keep one of them";
        if (chosen.Count == 1)
        {
            constructor = chosen[0].Parameters.Length == 0 ? null : chosen[0];
            return null;
        }

        var visible = type.InstanceConstructors.Where(static one => one.DeclaredAccessibility == Accessibility.Public).ToList();
        if (type.IsValueType || visible.Exists(static one => one.Parameters.Length == 0))
            return null;
        if (visible.Count == 1)
            constructor = visible[0];
        return visible.Count switch
        {
            0 => "has no public constructor; make one public, or mark one with [JsonConstructor]",
            1 => null,
            _ => "has several public constructors; mark one with [JsonConstructor]",
        };
    }
}
