namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0009: a loop of requests and tool calls that only the model can end.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedToolLoopAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedToolLoop,
        "A tool loop has no limit of rounds",
        "This loop asks the model, runs its tools and asks again until the model stops: nothing else ends it, and each round resends all rounds before. Count the rounds and leave.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A model that calls a failing tool again and again is the classic runaway bill: the request grows with each round, and no one is there to stop it.",
        Rule.HelpLink(DiagnosticIds.UnlimitedToolLoop));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (member.Sends.Count == 0)
            return;
        foreach (var loop in member.Loops)
        {
            if (!Loops.IsOpenEnded(loop) || loop is IForEachLoopOperation || !member.Sends.Exists(send => IsDirectlyIn(send, loop)) || !ToolUse.IsIn(loop) || HumanInput.IsReadIn(loop))
                continue;
            var severity = HasTimeout(member) ? DiagnosticSeverity.Info : Descriptor.DefaultSeverity;
            context.Report(severity, loop.Syntax.GetFirstToken().GetLocation(), []);
        }
    }

    /// <summary>Not by way of a loop inside it, which is the one at fault then.</summary>
    private static bool IsDirectlyIn(IOperation send, ILoopOperation loop)
    {
        for (var parent = send.Parent; parent is not null && parent != loop; parent = parent.Parent)
            if (parent is IWhileLoopOperation or IForLoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation)
                return false;
        return send.IsIn(loop);
    }

    private static bool HasTimeout(ChatMember member)
    {
        foreach (var call in member.Calls)
            if (call.TargetMethod is { Name: "CancelAfter" or "WaitAsync" })
                return true;
        foreach (var creation in member.Creations)
            if (creation is { Type.Name: "CancellationTokenSource", Arguments.Length: > 0 })
                return true;
        return false;
    }
}
