namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0010: a method that asks the model, does not like the answer, and calls itself.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedRecursionAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedRecursion,
        "A model call recurses without a limit",
        "'{0}' asks the model and calls itself again {1}: an answer that stays bad is paid for until the stack ends. Pass an attempt number and give up at a few.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Self-repair by recursion has no natural end: the same prompt tends to get the same answer, and every level pays for a request.",
        Rule.HelpLink(DiagnosticIds.UnlimitedRecursion));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var call in member.Calls)
        {
            if (FunctionOf(call, member) is not { } function || !Sends(member, call, context) || IsLimited(call, member) || HumanInput.IsReadIn(member.Body))
                continue;
            if (ReasonOf(call, member) is { } reason)
                context.Report(call.Syntax, function.Name, reason);
        }
    }

    /// <summary>The function a call stands in and calls.</summary>
    private static IMethodSymbol? FunctionOf(IInvocationOperation call, ChatMember member)
    {
        var function = call.Function() is ILocalFunctionOperation local ? local.Symbol : member.Symbol as IMethodSymbol;
        return SymbolEqualityComparer.Default.Equals(call.TargetMethod.OriginalDefinition, function) ? function : null;
    }

    /// <summary>Whether the function sends, itself or by a method it calls.</summary>
    private static bool Sends(ChatMember member, IInvocationOperation call, ChatContext context)
    {
        var function = call.Function();
        foreach (var other in member.Calls)
        {
            if (other == call || !other.IsIn(function))
                continue;
            if (ChatApi.IsSend(other))
                return true;
            if (SymbolEqualityComparer.Default.Equals(other.TargetMethod.ContainingType, member.Type)
                && other.TargetMethod.DeclaringSyntaxReferences.Length > 0
                && context.Code.MemberOf(other.TargetMethod, context.CancellationToken) is { Sends.Count: > 0 } helper
                && helper != member)
                return true;
        }

        return false;
    }

    /// <summary>A number or a switch that changes from level to level, or a count that is compared.</summary>
    private static bool IsLimited(IInvocationOperation call, ChatMember member)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter is not { Type.SpecialType: var type } parameter)
                continue;
            var isSame = SymbolEqualityComparer.Default.Equals(argument.Value.Symbol()?.OriginalDefinition, parameter.OriginalDefinition);
            if (type is SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Boolean or SpecialType.System_Byte
                && !isSame && argument.ArgumentKind == ArgumentKind.Explicit)
                return true;
        }

        foreach (var part in member.Body.Descendants())
            if (part is IIncrementOrDecrementOperation or ICompoundAssignmentOperation
                && Changed(part) is IFieldSymbol or IPropertySymbol)
                return true;
        return false;
    }

    private static ISymbol? Changed(IOperation step) =>
        (step is IIncrementOrDecrementOperation increment ? increment.Target : ((ICompoundAssignmentOperation)step).Target).Symbol();

    /// <summary>What makes it call itself: an error, or the model's answer. A walk through folders or pages has another reason.</summary>
    private static string? ReasonOf(IInvocationOperation call, ChatMember member)
    {
        Replies? replies = null;
        string? reason = null;
        for (var (child, parent) = ((IOperation)call, call.Parent); parent is not null; (child, parent) = (parent, parent.Parent))
        {
            if (parent is ILoopOperation)
                return null;
            if (parent is ICatchClauseOperation)
                reason ??= "after an error";
            if (parent is IConditionalOperation { Condition: var condition } && condition != child && (replies ??= new Replies(member)).In(condition).Count > 0)
                reason ??= "for what it answered";
            if (parent is IAnonymousFunctionOperation or ILocalFunctionOperation)
                break;
        }

        foreach (var argument in call.Arguments)
            if (reason is null && (replies ??= new Replies(member)).In(argument.Value).Count > 0)
                reason = "with what it answered";
        return reason;
    }
}
