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
            if (send.Holder.IsMember || facts.SetsConversationId || LoopGrowth.Find(facts, send) is not var (loop, growth) || context.Code.Reducers.Any)
                continue;
            if (reported.Add(send.Call))
                context.Report(
                    Descriptor.DefaultSeverity,
                    send.Carrier.Syntax.GetLocation(),
                    send.PlacesWith(growth),
                    send.Holder,
                    loop is ILoopOperation ? "loop" : "handler",
                    growth.Line(),
                    HistoryText.OfTools(member));
        }
    }
}
