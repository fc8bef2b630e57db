using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Whether something that makes a history smaller is met by every turn, or only when somebody asks for it or something fails.</summary>
internal static class SendPath
{
    /// <summary>A cut counts unless it is the answer to an error or to a command.</summary>
    public static bool HoldsCut(IOperation cut, IOperation? within) => Holds(cut, within, static condition => !IsCommand(condition));

    /// <summary>A reset counts if nothing decides on it but the history's own size.</summary>
    public static bool HoldsReset(IOperation reset, ISymbol variable, IOperation? within) =>
        Holds(reset, within, condition => IsOnSize(condition, variable));

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

    private static bool IsOnSize(IOperation condition, ISymbol variable)
    {
        foreach (var part in condition.DescendantsAndSelf())
            if (Loops.IsComparison(part))
                return true;
        return HistoryFlow.Mentions(condition, variable);
    }
}
