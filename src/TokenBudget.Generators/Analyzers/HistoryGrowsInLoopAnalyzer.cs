using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using TokenBudget.Generators.Analyzers.Chats;
using TokenBudget.Generators.Analyzers.Histories;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0001: a chat loop that resends everything ever said.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistoryGrowsInLoopAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistoryGrowsInLoop,
        "A chat history grows without limit in a loop",
        "'{0}' is sent whole with every turn of this {1}, and grows in it at line {2}: each turn pays again for all that was said{3}. "
        + "Trim it before the call, or give the client a limit.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Each request resends all that was said before, tool results included, so the cost of a conversation grows with the square of its "
        + "length until the model's context is full and requests fail.",
        Rule.HelpLink(DiagnosticIds.HistoryGrowsInLoop));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (ChatApi.IsClient(member.Type))
            return;
        var facts = member.Histories;
        var reported = new HashSet<IOperation>();
        foreach (var send in facts.Sends)
        {
            if (send.Holder.IsMember || facts.SetsConversationId || LoopOf(facts, send) is not var (loop, growth) || context.Code.Reducers.Any)
                continue;
            if (reported.Add(send.Call))
                context.Report(
                    Descriptor.DefaultSeverity,
                    send.Carrier.Syntax,
                    [growth.Syntax],
                    send.Holder,
                    loop is ILoopOperation ? "loop" : "handler",
                    growth.Syntax.GetLocation().GetMappedLineSpan().StartLinePosition.Line + 1,
                    HistoryText.OfTools(member));
        }
    }

    /// <summary>The loop that repeats the call with a longer history each time, and where it gets longer.</summary>
    private static (IOperation Loop, IOperation Growth)? LoopOf(HistoryFacts facts, HistorySend send)
    {
        foreach (var loop in Loops.Around(send.Call, facts.Member))
        {
            var isDeclaredOutside = send.Holder.Root.DeclaringSyntaxReferences is [var declaration]
                && (declaration.SyntaxTree != loop.Syntax.SyntaxTree || !loop.Syntax.Span.Contains(declaration.Span));
            if (isDeclaredOutside && HistoryGrowth.Without(facts, send.Holder, loop) is { } growth)
                return (loop, growth);
        }

        return null;
    }
}
