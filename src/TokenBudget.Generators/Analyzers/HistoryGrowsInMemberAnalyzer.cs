namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0002: an object that remembers everything ever said and sends it again with every call.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistoryGrowsInMemberAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistoryGrowsInMember,
        "A chat history in a member grows with every call",
        "'{0}' is sent whole, grows at line {1}, and lives as long as its object: each call pays again for all that was said{2}. "
        + "Trim it before the call, or give the client a limit.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Each request resends all that was said before, tool results included, so the cost of a conversation grows with the square of its "
        + "length until the model's context is full and requests fail.",
        Rule.HelpLink(DiagnosticIds.HistoryGrowsInMember));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        // What wraps a client passes on what it is given.
        if (member.Type is not { } type || ChatApi.IsClient(type) || member.Histories.SetsConversationId)
            return;
        var reported = new HashSet<IOperation>();
        foreach (var send in member.Histories.Sends)
        {
            if (GrowthOf(send, member, context) is not { } growth || context.Code.Reducers.Any)
                continue;
            // One person at a keyboard ends the program at night; a server's object may live for ever.
            var severity = context.Code.Project.IsForOneUser ? DiagnosticSeverity.Info : Descriptor.DefaultSeverity;
            if (reported.Add(send.Call))
                context.Report(
                    severity,
                    send.Carrier.Syntax.GetLocation(),
                    send.PlacesWith(growth),
                    send.Holder,
                    growth.Line(),
                    HistoryText.OfTools(member));
        }
    }

    private static IOperation? GrowthOf(HistorySend send, ChatMember member, ChatContext context)
    {
        if (IsShortenedByOwner(send.Holder, context))
            return null;
        if (!send.Holder.IsMember)
            return IsState(send.Holder, member) ? GrowthAfter(send, member.Histories) : null;
        return MemberGrowth.Find(MemberGrowth.MembersWith(send.Holder, member, context), send.Holder);
    }

    /// <summary>The object of somebody else that keeps a conversation: it was handed in, and the reply is put into it after the call.</summary>
    private static bool IsState(Holder holder, ChatMember member)
    {
        if (holder.Member is not { DeclaringSyntaxReferences.Length: > 0 })
            return false;
        if (holder.Root is IParameterSymbol)
            return true;
        foreach (var value in member.Histories.Flow.ValuesOf(holder.Root))
            if (value.Unwrap() is IObjectCreationOperation)
                return false;
        return member.Histories.Flow.ValuesOf(holder.Root).Count > 0;
    }

    private static IOperation? GrowthAfter(HistorySend send, HistoryFacts facts)
    {
        if (facts.Cuts.Exists(cut => send.Holder.IsReachedBy(cut.Holder)) || facts.Resets.Exists(reset => send.Holder.Equals(reset.Holder)))
            return null;
        return facts.Growths.Find(growth => growth.Holder.Equals(send.Holder) && growth.Operation.Syntax.SpanStart > send.Call.Syntax.SpanStart).Operation;
    }

    private static bool IsShortenedByOwner(Holder holder, ChatContext context) =>
        holder.Member?.ContainingType is { DeclaringSyntaxReferences.Length: > 0 } owner && Shrinking.IsDoneIn(owner, context.CancellationToken);
}
