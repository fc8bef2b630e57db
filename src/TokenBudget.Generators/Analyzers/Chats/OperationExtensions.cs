using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>What all rules ask of an operation.</summary>
internal static class OperationExtensions
{
    /// <summary>The operation itself, without conversions, parentheses and <c>await</c>.</summary>
    public static IOperation Unwrap(this IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                case IAwaitOperation awaited:
                    operation = awaited.Operation;
                    break;
                case IInvocationOperation { TargetMethod: { Name: "ConfigureAwait" or "WithCancellation" } } configured when configured.Receiver() is { } awaitable:
                    operation = awaitable;
                    break;
                case IConditionalAccessInstanceOperation instance when OwnerOf(instance) is { } owner:
                    operation = owner;
                    break;
                default:
                    return operation;
            }
        }
    }

    /// <summary>What a method is called on, also if it is an extension.</summary>
    public static IOperation? Receiver(this IInvocationOperation call) =>
        call.Instance is { } instance ? instance.Unwrap()
        : call is { TargetMethod.IsExtensionMethod: true, Arguments.Length: > 0 } ? call.Arguments[0].Value.Unwrap()
        : null;

    /// <summary>The variable, field or property an expression is; null if it is anything else.</summary>
    public static ISymbol? Symbol(this IOperation? operation) => operation is null ? null : Reference(operation.Unwrap());

    public static bool Mentions(this IOperation operation, ISymbol symbol)
    {
        foreach (var part in operation.DescendantsAndSelf())
            if (SymbolEqualityComparer.Default.Equals(Reference(part), symbol))
                return true;
        return false;
    }

    /// <summary>The function an operation stands in: a lambda, a local function, or the member itself.</summary>
    public static IOperation Function(this IOperation operation)
    {
        var function = operation;
        while (function.Parent is { } parent)
        {
            function = parent;
            if (function is IAnonymousFunctionOperation or ILocalFunctionOperation)
                break;
        }

        return function;
    }

    public static bool IsIn(this IOperation operation, IOperation outer)
    {
        for (var current = operation; current is not null; current = current.Parent)
            if (current == outer)
                return true;
        return false;
    }

    /// <summary>The method's name alone: a chain of calls is many lines long.</summary>
    public static Location NameLocation(this IInvocationOperation call) =>
        call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: var name } } ? name.GetLocation() : call.Syntax.GetLocation();

    /// <summary>The line a reader finds an operation in, counted from one.</summary>
    public static int Line(this IOperation operation) => operation.Syntax.GetLocation().GetMappedLineSpan().StartLinePosition.Line + 1;

    /// <summary>The argument for a parameter; null if it is left at its default.</summary>
    public static IOperation? ArgumentFor(this IInvocationOperation call, string parameter)
    {
        foreach (var argument in call.Arguments)
            if (argument is { ArgumentKind: not ArgumentKind.DefaultValue } && argument.Parameter?.Name == parameter)
                return argument.Value.Unwrap();
        return null;
    }

    private static ISymbol? Reference(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        IPropertyReferenceOperation property => property.Property,
        _ => null,
    };

    private static IOperation? OwnerOf(IConditionalAccessInstanceOperation instance)
    {
        for (IOperation child = instance, parent = instance.Parent!; parent is not null; child = parent, parent = parent.Parent!)
            if (parent is IConditionalAccessOperation access && access.WhenNotNull == child)
                return access.Operation;
        return null;
    }
}
