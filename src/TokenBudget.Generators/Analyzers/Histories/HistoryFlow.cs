using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Which variables' whole content an expression carries.</summary>
internal static class HistoryFlow
{
    /// <summary>Methods whose result has no fewer messages than what they are called on.</summary>
    private static readonly HashSet<string> Keeping =
    [
        "Append", "AsEnumerable", "AsReadOnly", "Cast", "Concat", "OfType", "Prepend", "Reverse", "Select", "ToArray", "ToImmutableArray",
        "ToImmutableList", "ToList", "Union",
    ];

    /// <summary>The variables an expression copies from; none when it takes a part only, or when that cannot be seen.</summary>
    public static IEnumerable<ISymbol> Sources(IOperation expression)
    {
        switch (ChatApi.Unwrap(expression))
        {
            case ICollectionExpressionOperation collection:
                foreach (var element in collection.Elements)
                    if (element is ISpreadOperation spread)
                        foreach (var source in Sources(spread.Operand))
                            yield return source;
                break;
            case IInvocationOperation call when Keeping.Contains(call.TargetMethod.Name):
                if (ChatApi.Receiver(call) is { } receiver)
                    foreach (var source in Sources(receiver))
                        yield return source;
                if (call.TargetMethod.Name is "Concat" or "Union")
                    foreach (var argument in call.Arguments)
                        foreach (var source in Sources(argument.Value))
                            yield return source;
                break;
            case IObjectCreationOperation creation when ChatApi.IsHistory(creation.Type):
                foreach (var argument in creation.Arguments)
                    if (ChatApi.IsHistory(ChatApi.Unwrap(argument.Value).Type))
                        foreach (var source in Sources(argument.Value))
                            yield return source;
                break;
            case { } other when Variable(other) is { } variable:
                yield return variable;
                break;
        }
    }

    /// <summary>The variable a reference is to; null for a member of another object, whose lifetime is not known.</summary>
    public static ISymbol? Variable(IOperation? operation) => operation is null ? null : ChatApi.Unwrap(operation) switch
    {
        ILocalReferenceOperation local when ChatApi.IsHistory(local.Type) => local.Local,
        IParameterReferenceOperation parameter when ChatApi.IsHistory(parameter.Type) => parameter.Parameter,
        IFieldReferenceOperation { Instance: null or IInstanceReferenceOperation } field when ChatApi.IsHistory(field.Type) => field.Field,
        IPropertyReferenceOperation { Instance: null or IInstanceReferenceOperation } property when ChatApi.IsHistory(property.Type) => property.Property,
        _ => null,
    };

    public static bool Mentions(IOperation operation, ISymbol symbol)
    {
        foreach (var part in operation.DescendantsAndSelf())
            if (SymbolEqualityComparer.Default.Equals(Variable(part), symbol))
                return true;
        return false;
    }
}
