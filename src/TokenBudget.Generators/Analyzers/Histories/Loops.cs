using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Which loops go on for as long as somebody talks.</summary>
internal static class Loops
{
    private static readonly HashSet<string> FiniteReads = ["Any", "MoveNext", "MoveNextAsync", "Read", "ReadAsync", "TryDequeue", "TryPeek", "TryPop", "TryRead", "TryTake"];

    /// <summary>The open-ended loops an operation runs in, from the inside out, also through local functions that are called in them.</summary>
    public static List<ILoopOperation> Around(IOperation operation, IReadOnlyList<IInvocationOperation> calls)
    {
        var loops = new List<ILoopOperation>();
        Add(operation, calls, loops, []);
        return loops;
    }

    private static void Add(IOperation operation, IReadOnlyList<IInvocationOperation> calls, List<ILoopOperation> loops, HashSet<IOperation> seen)
    {
        for (var (child, parent) = (operation, operation.Parent); parent is not null; (child, parent) = (parent, parent.Parent))
        {
            if (parent is ILoopOperation loop && loop.Body == child && IsOpenEnded(loop) && !loops.Contains(loop))
                loops.Add(loop);
            if (parent is not ILocalFunctionOperation function || !seen.Add(function))
                continue;
            foreach (var call in calls)
                if (SymbolEqualityComparer.Default.Equals(call.TargetMethod, function.Symbol))
                    Add(call, calls, loops, seen);
        }
    }

    private static bool IsOpenEnded(ILoopOperation loop) => loop switch
    {
        IWhileLoopOperation { Condition: { } condition } => !IsFinite(condition) && !CountsAndLeaves(loop),
        IForLoopOperation { Condition: null or { ConstantValue: { HasValue: true, Value: true } } } => !CountsAndLeaves(loop),
        IForEachLoopOperation { IsAsynchronous: true } => !CountsAndLeaves(loop),
        _ => false,
    };

    private static bool IsFinite(IOperation condition)
    {
        foreach (var part in condition.DescendantsAndSelf())
        {
            if (IsComparison(part))
                return true;
            if (part is IInvocationOperation call && FiniteReads.Contains(call.TargetMethod.Name))
                return true;
        }

        return false;
    }

    /// <summary>Whether the loop ends by counting: a compared number that changes in it decides on a way out.</summary>
    private static bool CountsAndLeaves(ILoopOperation loop)
    {
        var counters = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var operation in loop.Descendants())
        {
            var target = operation switch
            {
                IIncrementOrDecrementOperation step => step.Target,
                ICompoundAssignmentOperation step => step.Target,
                _ => null,
            };
            if (Symbol(target) is { } counter)
                counters.Add(counter);
        }

        if (counters.Count == 0)
            return false;
        foreach (var operation in loop.Descendants())
            if (operation is IConditionalOperation condition && Compares(condition.Condition, counters) && Leaves(condition))
                return true;
        return false;
    }

    private static bool Compares(IOperation condition, HashSet<ISymbol> counters)
    {
        foreach (var comparison in condition.DescendantsAndSelf())
            if (IsComparison(comparison) || comparison is IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand.Type.SpecialType: SpecialType.System_Int32 })
                foreach (var part in comparison.Descendants())
                    if (Symbol(part) is { } symbol && counters.Contains(symbol))
                        return true;
        return false;
    }

    private static bool Leaves(IConditionalOperation condition)
    {
        foreach (var part in condition.Descendants())
            if (part is IBranchOperation { BranchKind: BranchKind.Break } or IReturnOperation or IThrowOperation)
                return true;
        return false;
    }

    private static ISymbol? Symbol(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IFieldReferenceOperation field => field.Field,
        IParameterReferenceOperation parameter => parameter.Parameter,
        _ => null,
    };

    public static bool IsComparison(IOperation operation) => operation is IBinaryOperation
    {
        OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual
            or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual,
    };
}
