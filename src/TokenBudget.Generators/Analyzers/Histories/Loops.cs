namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Which code goes on for as long as somebody talks: open-ended loops, and functions that are handed over as handlers.</summary>
internal static class Loops
{
    private static readonly HashSet<string> FiniteReads = ["MoveNext", "MoveNextAsync", "Read", "ReadAsync", "TryDequeue", "TryPeek", "TryPop", "TryRead", "TryTake"];

    private static readonly string[] HandlerNames = ["Map", "On", "Handle", "Subscribe", "AddHandler", "Register"];

    /// <summary>What an operation is repeated by, from the inside out, also through functions that are called in it.</summary>
    public static List<IOperation> Around(IOperation operation, ChatMember member)
    {
        var loops = new List<IOperation>();
        Add(operation, member, loops, []);
        return loops;
    }

    /// <summary>Whether a loop goes on until somebody or something outside ends it.</summary>
    public static bool IsOpenEnded(ILoopOperation loop) => loop switch
    {
        IWhileLoopOperation { Condition: { } condition } => !IsFinite(condition, loop) && !CountsAndLeaves(loop),
        IForLoopOperation { Condition: null } => !CountsAndLeaves(loop),
        IForLoopOperation { Condition: { } condition } => !IsFinite(condition, loop) && !CountsAndLeaves(loop),
        IForEachLoopOperation { IsAsynchronous: true, Collection: var collection } => !IsReply(collection) && !CountsAndLeaves(loop),
        IForEachLoopOperation { Collection: var collection } =>
            collection.Unwrap() is IInvocationOperation { TargetMethod.Name: "GetConsumingEnumerable" } && !CountsAndLeaves(loop),
        _ => false,
    };

    public static bool IsComparison(IOperation operation) => operation is IBinaryOperation
    {
        OperatorKind: BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual
            or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual,
    };

    /// <summary>Whether a loop may end before it is through.</summary>
    public static bool Breaks(ILoopOperation loop)
    {
        foreach (var part in loop.Body.Descendants())
            if (part is IBranchOperation { BranchKind: BranchKind.Break } branch && SymbolEqualityComparer.Default.Equals(branch.Target, loop.ExitLabel))
                return true;
        return false;
    }

    /// <summary>Whether the loop ends by counting: a compared number that changes in it decides on a way out.</summary>
    public static bool CountsAndLeaves(ILoopOperation loop)
    {
        var counters = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var operation in loop.Descendants())
        {
            var target = operation switch
            {
                IIncrementOrDecrementOperation step => step.Target,
                ICompoundAssignmentOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract } step => step.Target,
                _ => null,
            };
            if (target.Symbol() is { } counter && !IsDeclaredIn(counter, loop.Body))
                counters.Add(counter);
        }

        if (counters.Count == 0)
            return false;
        foreach (var operation in loop.Descendants())
            if (operation is IConditionalOperation condition && Compares(condition.Condition, counters) && Leaves(condition))
                return true;
        return false;
    }

    private static void Add(IOperation operation, ChatMember member, List<IOperation> loops, HashSet<IOperation> seen)
    {
        for (var (child, parent) = (operation, operation.Parent); parent is not null; (child, parent) = (parent, parent.Parent))
        {
            switch (parent)
            {
                case ILoopOperation loop when IsRepeated(child, loop) && !loops.Contains(loop) && IsOpenEnded(loop):
                    loops.Add(loop);
                    break;
                case IAnonymousFunctionOperation lambda when seen.Add(lambda):
                    if (IsHandler(lambda))
                        loops.Add(lambda);
                    if (NameOf(lambda) is { } local)
                        foreach (var call in member.Calls)
                            if (call.Instance.Symbol() is { } called && SymbolEqualityComparer.Default.Equals(called, local))
                                Add(call, member, loops, seen);
                    break;
                case ILocalFunctionOperation function when seen.Add(function):
                    foreach (var call in member.Calls)
                        if (SymbolEqualityComparer.Default.Equals(call.TargetMethod.OriginalDefinition, function.Symbol))
                            Add(call, member, loops, seen);
                    if (IsHandedOver(function, member))
                        loops.Add(function);
                    break;
            }
        }
    }

    private static bool IsRepeated(IOperation part, ILoopOperation loop) => loop.Body == part || (loop is IWhileLoopOperation { Condition: var condition } && condition == part);

    /// <summary>A function that somebody else calls whenever something comes in: an endpoint, an event handler.</summary>
    private static bool IsHandler(IOperation function)
    {
        var parent = function.Parent;
        while (parent is IConversionOperation or IDelegateCreationOperation or IParenthesizedOperation)
            parent = parent.Parent;
        if (parent is IEventAssignmentOperation { Adds: true })
            return true;
        if (parent is not IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: var name } })
            return false;
        foreach (var beginning in HandlerNames)
            if (name.StartsWith(beginning, StringComparison.Ordinal) && (name.Length == beginning.Length || char.IsUpper(name[beginning.Length])))
                return true;
        return false;
    }

    private static bool IsHandedOver(ILocalFunctionOperation function, ChatMember member)
    {
        foreach (var operation in member.Body.Descendants())
            if (operation is IMethodReferenceOperation reference
                && SymbolEqualityComparer.Default.Equals(reference.Method.OriginalDefinition, function.Symbol)
                && IsHandler(reference))
                return true;
        return false;
    }

    /// <summary>The variable a lambda is kept in.</summary>
    private static ISymbol? NameOf(IOperation lambda)
    {
        var parent = lambda.Parent;
        while (parent is IConversionOperation or IDelegateCreationOperation or IParenthesizedOperation)
            parent = parent.Parent;
        return parent switch
        {
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol,
            ISimpleAssignmentOperation assignment => assignment.Target.Symbol(),
            _ => null,
        };
    }

    /// <summary>Whether a condition comes to an end by itself: it compares or drains something the loop does not fill from elsewhere.</summary>
    private static bool IsFinite(IOperation condition, ILoopOperation loop)
    {
        foreach (var part in condition.DescendantsAndSelf())
        {
            if (part is IInvocationOperation call && FiniteReads.Contains(call.TargetMethod.Name))
                return true;
            if ((IsComparison(part) || part is IInvocationOperation { TargetMethod.Name: "Any" }) && !IsSetIn(loop, part))
                return true;
        }

        return false;
    }

    /// <summary>Whether something in an expression gets a value in the loop that does not come from itself: what was typed, what the model asked for.</summary>
    private static bool IsSetIn(ILoopOperation loop, IOperation expression)
    {
        foreach (var part in loop.Descendants())
            if (part is ISimpleAssignmentOperation assignment
                && assignment.Target.Symbol() is { } variable
                && !assignment.Value.Mentions(variable)
                && expression.Mentions(variable))
                return true;
        return false;
    }

    private static bool IsReply(IOperation collection) => collection.Unwrap() is IInvocationOperation call && ChatApi.IsSend(call);

    private static bool IsDeclaredIn(ISymbol symbol, IOperation body) =>
        symbol is ILocalSymbol { DeclaringSyntaxReferences: [var reference] } && body.Syntax.Span.Contains(reference.Span);

    private static bool Compares(IOperation condition, HashSet<ISymbol> counters)
    {
        foreach (var comparison in condition.DescendantsAndSelf())
            if (IsComparison(comparison) || comparison is IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand.Type.SpecialType: SpecialType.System_Int32 })
                foreach (var part in comparison.Descendants())
                    if (part.Symbol() is { } symbol && counters.Contains(symbol))
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
}
