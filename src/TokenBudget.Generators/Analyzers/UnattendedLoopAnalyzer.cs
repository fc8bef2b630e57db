namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0012: requests by the clock, day and night.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnattendedLoopAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnattendedLoop,
        "An unattended loop has no budget",
        "This loop asks the model by the clock for as long as the program runs, and nothing says what it may spend: a fault in it is paid for until somebody reads the bill. Give the client a budget.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Nobody sits in front of a background service. What it spends in a month should be a number somebody wrote down.",
        Rule.HelpLink(DiagnosticIds.UnattendedLoop));

    private static readonly string[] Budgets = ["WithTokenBudget", "AddTokenBudget", "TokenBudgetRuntime", "CostTracked", "RateLimiter", "RateLimited"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var loop in member.Loops)
        {
            if (loop is not (IWhileLoopOperation or IForLoopOperation)
                || !Loops.IsOpenEnded(loop)
                || !Ticks(loop)
                || !Sends(loop, member, context)
                || HumanInput.IsReadIn(loop)
                || EndsWithAnswer(loop, member)
                || context.Code.Project.Mentions(Budgets))
                continue;
            context.Report(loop.Syntax.GetFirstToken().GetLocation());
        }
    }

    /// <summary>What asks whether a long answer is there yet is done when it is.</summary>
    private static bool EndsWithAnswer(ILoopOperation loop, ChatMember member) =>
        loop is IWhileLoopOperation { Condition: { } condition } && new Replies(member).In(condition).Count > 0;

    /// <summary>Each round waits for a time, not for something that came in.</summary>
    private static bool Ticks(ILoopOperation loop)
    {
        foreach (var part in loop.Descendants())
            if (part is IInvocationOperation { TargetMethod: { Name: "Delay" or "Sleep", ContainingType.Name: "Task" or "Thread" } or { Name: "WaitForNextTickAsync" } }
                && !IsRetry(part, loop))
                return true;
        return false;
    }

    /// <summary>A pause after a failure sets no pace.</summary>
    private static bool IsRetry(IOperation delay, ILoopOperation loop)
    {
        for (var parent = delay.Parent; parent is not null && parent != loop; parent = parent.Parent)
            if (parent is ICatchClauseOperation)
                return true;
        return false;
    }

    /// <summary>Itself, or by a method of its type.</summary>
    private static bool Sends(ILoopOperation loop, ChatMember member, ChatContext context)
    {
        foreach (var call in member.Calls)
        {
            if (!call.IsIn(loop))
                continue;
            if (ChatApi.IsSend(call))
                return true;
            if (SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, member.Type)
                && context.Code.MemberOf(call.TargetMethod, context.CancellationToken) is { Sends.Count: > 0 })
                return true;
        }

        return false;
    }
}
