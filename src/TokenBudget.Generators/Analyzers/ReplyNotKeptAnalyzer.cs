namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0005: a conversation in which the model never hears what it said itself.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReplyNotKeptAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ReplyNotKept,
        "A reply does not reach the history that is sent",
        "{0}: the model does not know what it answered, and answers old questions again with each new one. Add the reply to the list that is sent.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A history of questions alone is paid for like a conversation and is none: the model takes all of them for open.",
        Rule.HelpLink(DiagnosticIds.ReplyNotKept));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        var facts = member.Histories;
        if (facts.SetsConversationId || ChatApi.IsClient(member.Type))
            return;
        var reported = new HashSet<IOperation>();
        foreach (var send in facts.Sends)
            if (send.Inner is null && ChatApi.IsSend(send.Call) && ReasonFor(send, member) is { } reason && reported.Add(send.Call))
                context.Report(send.Carrier.Syntax, reason);
    }

    private static string? ReasonFor(HistorySend send, ChatMember member)
    {
        var facts = member.Histories;
        if (send.Holder is not { Path: "", Root: ILocalSymbol { DeclaringSyntaxReferences: [var declaration] } sent })
            return null;
        if (LoopGrowth.Find(facts, send) is not null)
            return HoldsQuestionsOnly(send.Holder, member) ? $"Only questions are added to '{sent.Name}', never a reply" : null;

        // It does not grow: does something else, in its place?
        foreach (var around in Loops.Around(send.Call, member))
        {
            if (around.Syntax.Span.Contains(declaration.Span))
                continue;
            foreach (var growth in facts.Growths)
                if (growth.Operation.IsIn(around)
                    && growth.Holder is { Path: "", Root: ILocalSymbol other }
                    && ChatApi.IsHistory(other.Type)
                    && !facts.Sends.Exists(any => any.Holder.Equals(growth.Holder))
                    && !IsRead(other, growth.Operation, member))
                    return $"'{sent.Name}' is sent, but what is said is added to '{other.Name}'";
        }

        return null;
    }

    /// <summary>All that is added is the user's, and nothing of it comes from an answer.</summary>
    private static bool HoldsQuestionsOnly(Holder holder, ChatMember member)
    {
        var replies = new Replies(member);
        foreach (var growth in member.Histories.Growths)
        {
            if (!holder.IsReachedBy(growth.Holder))
                continue;
            if (growth.Operation is not IInvocationOperation add || (!UserMessage.IsAddedBy(add) && !IsInstruction(add)) || replies.In(add).Count > 0)
                return false;
        }

        // Whoever else is handed the list may add to it.
        foreach (var call in member.Calls)
            if (!ChatApi.IsSend(call) && call.Arguments.Any(argument => argument.Value.Symbol() is { } given && SymbolEqualityComparer.Default.Equals(given, holder.Root)))
                return false;
        return true;
    }

    private static bool IsInstruction(IInvocationOperation add) =>
        add.TargetMethod.Name == "AddSystemMessage"
        || add.Arguments is [.., { Value: var last }]
            && last.Unwrap() is IObjectCreationOperation { Arguments: [{ Value: var role }, ..] }
            && role.Unwrap() is IPropertyReferenceOperation { Property: { Name: "System", ContainingType.Name: "ChatRole" or "AuthorRole" } };

    /// <summary>Whether a list is used for anything besides being added to.</summary>
    private static bool IsRead(ISymbol list, IOperation growth, ChatMember member)
    {
        foreach (var part in member.Body.Descendants())
            if (part is ILocalReferenceOperation reference
                && SymbolEqualityComparer.Default.Equals(reference.Local, list)
                && !(reference.Parent is IInvocationOperation call && call.Receiver() == reference && call.TargetMethod.Name == ((growth as IInvocationOperation)?.TargetMethod.Name ?? "Add")))
                return true;
        return false;
    }
}
