namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0004: what somebody else keeps already is sent once more.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistorySentTwiceAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistorySentTwice,
        "A chat history is sent twice",
        "'{0}' is sent whole although {1}: the model reads it twice, and each turn pays for both. Pass only what is new.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A session, a thread or a conversation id keeps what was said. A list of all messages passed beside it is stored and sent again with every turn.",
        Rule.HelpLink(DiagnosticIds.HistorySentTwice));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (ChatApi.IsClient(member.Type))
            return;
        var facts = member.Histories;
        var reported = new HashSet<IOperation>();
        foreach (var send in facts.SessionSends)
            if (Grows(send, member, context) && reported.Add(send.Call))
                context.Report(send.Carrier.Syntax, send.Holder, "the session keeps it too");
        foreach (var send in facts.Sends)
        {
            if (facts.SetsConversationId && IsKeptByService(send, facts) && reported.Add(send.Call))
                context.Report(send.Carrier.Syntax, send.Holder, "the service keeps it under the conversation's id");
            if (AddedBefore(send, facts) is { } message && reported.Add(send.Call))
                context.Report(send.Carrier.Syntax, message.Name, "it has been added to the history that is sent with it");
        }
    }

    private static bool Grows(HistorySend send, ChatMember member, ChatContext context) => send.Holder.IsMember
        ? MemberGrowth.Find(MemberGrowth.MembersWith(send.Holder, member, context), send.Holder) is not null
        : LoopGrowth.Find(member.Histories, send) is not null;

    /// <summary>An id from the last response is passed on, and the list is never emptied, not even where there is one.</summary>
    private static bool IsKeptByService(HistorySend send, HistoryFacts facts)
    {
        if (LoopGrowth.Find(facts, send) is not var (loop, _) || facts.Resets.Exists(reset => reset.Holder.Equals(send.Holder) && reset.Operation.IsIn(loop)))
            return false;
        foreach (var growth in facts.Growths)
            if (growth.Holder.Equals(send.Holder) && IsConditional(growth.Operation, loop))
                return false;
        foreach (var assignment in facts.Member.Assignments)
            if (assignment.IsIn(loop)
                && assignment.Target is IPropertyReferenceOperation { Property.Name: "ConversationId" }
                && assignment.Value.Unwrap() is IPropertyReferenceOperation { Property.Name: "ConversationId" }
                && SendPath.HoldsAlways(assignment, loop))
                return true;
        return false;
    }

    private static bool IsConditional(IOperation growth, IOperation loop) => !SendPath.HoldsAlways(growth, loop);

    /// <summary>The message in <c>[.. history, message]</c> that the history has got already.</summary>
    private static ISymbol? AddedBefore(HistorySend send, HistoryFacts facts)
    {
        if (send.Carrier.Unwrap() is not ICollectionExpressionOperation { Elements: var elements })
            return null;
        foreach (var element in elements)
        {
            if (element is ISpreadOperation || KeyOf(element) is not { } message)
                continue;
            foreach (var growth in facts.Growths)
                if (growth.Holder.Equals(send.Holder)
                    && growth.Operation is IInvocationOperation { TargetMethod.Name: "Add", Arguments: [.., var added] } add
                    && add.Syntax.SpanStart < send.Call.Syntax.SpanStart
                    && add.Function() == send.Call.Function()
                    && SymbolEqualityComparer.Default.Equals(KeyOf(added.Value), message)
                    && SendPath.HoldsAlways(add, within: null))
                    return message;
        }

        return null;
    }

    /// <summary>The variable of a message, or of the text one is made of.</summary>
    private static ISymbol? KeyOf(IOperation message) => message.Unwrap() switch
    {
        IObjectCreationOperation { Arguments: [.., var text] } => text.Value.Symbol() is ILocalSymbol or IParameterSymbol ? text.Value.Symbol() : null,
        var other => other.Symbol() is ILocalSymbol or IParameterSymbol ? other.Symbol() : null,
    };
}
