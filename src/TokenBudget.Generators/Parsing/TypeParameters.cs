using System.Text;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Parsing;

/// <summary>Type parameters as they are written into the class again.</summary>
internal static class TypeParameters
{
    public static EquatableArray<string> Names(IEnumerable<ITypeParameterSymbol> parameters)
    {
        var names = new List<string>();
        foreach (var parameter in parameters)
            names.Add(SymbolNames.Escape(parameter.Name));
        return names.ToEquatableArray();
    }

    /// <summary>The constraint clauses, with a leading space; empty when there are none.</summary>
    public static string Constraints(IEnumerable<ITypeParameterSymbol> parameters)
    {
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            var constraints = new List<string>();
            if (parameter.HasUnmanagedTypeConstraint)
                constraints.Add("unmanaged");
            else if (parameter.HasValueTypeConstraint)
                constraints.Add("struct");
            else if (parameter.HasReferenceTypeConstraint)
                constraints.Add(parameter.ReferenceTypeConstraintNullableAnnotation == NullableAnnotation.Annotated ? "class?" : "class");
            else if (parameter.HasNotNullConstraint)
                constraints.Add("notnull");
            foreach (var type in parameter.ConstraintTypes)
                constraints.Add(type.ToCode());
            if (parameter.HasConstructorConstraint)
                constraints.Add("new()");
            if (parameter.AllowsRefLikeType)
                constraints.Add("allows ref struct");
            if (constraints.Count > 0)
                text.Append(" where ").Append(SymbolNames.Escape(parameter.Name)).Append(" : ").Append(string.Join(", ", constraints));
        }

        return text.ToString();
    }

    /// <summary>An explicit implementation inherits its constraints, but must say again what <c>T?</c> means.</summary>
    public static string ExplicitConstraints(IEnumerable<ITypeParameterSymbol> parameters)
    {
        var text = new StringBuilder();
        foreach (var parameter in parameters)
        {
            var constraint = parameter.IsReferenceType ? "class" : parameter.IsValueType ? "struct" : "default";
            text.Append(" where ").Append(SymbolNames.Escape(parameter.Name)).Append(" : ").Append(constraint);
        }

        return text.ToString();
    }
}
