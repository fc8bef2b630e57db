namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0022: an agent's session that is used again and again and never shortened.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AgentKeepsAllAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.AgentKeepsAll,
        "An agent's session keeps everything in memory",
        "'{0}' is used for every turn and keeps all of them, and no reducer shortens what is sent: each turn pays again for all that was said. Give the agent a history provider with a reducer.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A ChatClientAgent over a stateless client stores the conversation in its session and resends it, like a list of messages would.",
        Rule.HelpLink(DiagnosticIds.AgentKeepsAll));

    private static readonly string[] KeptElsewhere =
        ["ChatHistoryProvider", "ChatMessageStore", "PersistentAgents", "AIProjectClient", "ResponsesClient", "ResponseClient", "AssistantClient", "A2A", "Foundry", "CopilotStudio"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        var reported = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var send in member.Sends)
        {
            if (!ChatApi.IsAgent(send.Receiver()?.Type) || SessionOf(send) is not { } session || !IsReused(session, send, member) || !reported.Add(session))
                continue;
            if (context.Code.Project.Mentions("ChatClientAgent", "CreateAIAgent", "AsAIAgent", "ChatCompletionAgent") && !context.Code.Reducers.Any && !context.Code.Project.Mentions(KeptElsewhere))
                context.Report(send.Syntax, session.Name);
        }
    }

    private static ISymbol? SessionOf(IInvocationOperation send)
    {
        foreach (var argument in send.Arguments)
            if (argument.ArgumentKind == ArgumentKind.Explicit && ChatApi.IsSession(argument.Value.Unwrap().Type))
                return argument.Value.Symbol();
        return null;
    }

    private static bool IsReused(ISymbol session, IInvocationOperation send, ChatMember member)
    {
        if (session is IFieldSymbol)
            return true;
        foreach (var loop in Loops.Around(send, member))
            if (session is ILocalSymbol { DeclaringSyntaxReferences: [var declaration] }
                && !loop.Syntax.Span.Contains(declaration.Span)
                && !member.Assignments.Exists(assignment => assignment.IsIn(loop) && SymbolEqualityComparer.Default.Equals(assignment.Target.Symbol(), session)))
                return true;
        return false;
    }
}
