namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0003: all that was stored of a conversation is loaded and sent.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StoredHistorySentWholeAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.StoredHistorySentWhole,
        "A stored history is sent whole",
        "'{0}' is loaded whole from '{1}', sent, and stored again with the reply: each turn pays for all turns before, for as long as the conversation is kept. Load the newest messages only.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A conversation in a store has no natural end: a user who comes back after weeks resends all of it with the first word.",
        Rule.HelpLink(DiagnosticIds.StoredHistorySentWhole));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (member.Sends.Count == 0 || ChatApi.IsClient(member.Type))
            return;
        var reported = new HashSet<IOperation>();
        foreach (var send in member.Histories.Sends)
        {
            // What the type keeps itself is TB0002's affair.
            if (send.Holder.IsMember
                || Store.WhereFrom(send.Holder.Root, member) is not { } store
                || member.Histories.Cuts.Exists(cut => send.Holder.IsReachedBy(cut.Holder))
                || !Store.IsWrittenBy(member, store)
                || context.Code.Reducers.Any)
                continue;
            if (reported.Add(send.Call))
                context.Report(send.Carrier.Syntax, send.Holder, store.Name);
        }
    }
}
