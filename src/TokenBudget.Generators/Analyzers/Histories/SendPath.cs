namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Whether something that is done to a history is met by every turn, or only when somebody asks for it or something fails.</summary>
internal static class SendPath
{
    /// <summary>A cut counts unless it is the answer to an error or to a command.</summary>
    public static bool HoldsCut(IOperation cut, IOperation? within) => Holds(cut, within, static condition => !IsCommand(condition));

    /// <summary>A reset counts if nothing decides on it but a size.</summary>
    public static bool HoldsReset(IOperation reset, IOperation? within) => Holds(reset, within, IsOnSize);

    /// <summary>Whether nothing at all decides on it.</summary>
    public static bool HoldsAlways(IOperation operation, IOperation? within) => Holds(operation, within, static _ => false);

    /// <summary>What is put in when there is nothing yet, a system message say, is put in once.</summary>
    public static bool IsBeginning(IOperation growth)
    {
        for (var (child, parent) = (growth, growth.Parent); parent is not null; (child, parent) = (parent, parent.Parent))
            if (parent is IConditionalOperation { Condition: var condition } choice && choice.WhenTrue == child && IsOnEmptiness(condition))
                return true;
        return false;
    }

    private static bool Holds(IOperation operation, IOperation? within, Func<IOperation, bool> accepts)
    {
        for (var (child, parent) = (operation, operation.Parent); parent is not null && child != within; (child, parent) = (parent, parent.Parent))
        {
            if (parent is ICatchClauseOperation or ISwitchCaseOperation or ISwitchExpressionArmOperation)
                return false;
            if (parent is IConditionalOperation { Condition: var condition } && condition != child && !accepts(condition))
                return false;
        }

        return true;
    }

    private static bool IsCommand(IOperation condition)
    {
        foreach (var part in condition.DescendantsAndSelf())
            if (part is ILiteralOperation { ConstantValue: { HasValue: true, Value: string or char } })
                return true;
        return false;
    }

    private static bool IsOnSize(IOperation condition)
    {
        foreach (var part in condition.DescendantsAndSelf())
        {
            if (Loops.IsComparison(part))
                return true;
            // A helper is asked of the history; whether there is one yet says nothing of its size.
            if (part is not IInvocationOperation { TargetMethod.Name: not ("TryGetValue" or "Any" or "ContainsKey" or "IsNullOrEmpty") } call)
                continue;
            foreach (var argument in call.Arguments)
                if (ChatApi.IsHistory(argument.Value.Unwrap().Type))
                    return true;
        }

        return false;
    }

    private static bool IsOnEmptiness(IOperation condition)
    {
        foreach (var part in condition.DescendantsAndSelf())
        {
            if (part is IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals, LeftOperand: IPropertyReferenceOperation { Property.Name: "Count" or "Length" } size, RightOperand.ConstantValue: { HasValue: true, Value: 0 } }
                && ChatApi.IsHistory(size.Instance?.Unwrap().Type))
                return true;
            if (part is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, Operand: var operand }
                && operand.Unwrap() is IInvocationOperation { TargetMethod.Name: "Any" } any
                && ChatApi.IsHistory(any.Receiver()?.Type))
                return true;
        }

        return false;
    }
}
