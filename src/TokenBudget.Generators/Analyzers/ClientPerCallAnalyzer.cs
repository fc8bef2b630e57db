namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0020: a client made for one request.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ClientPerCallAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ClientPerCall,
        "A chat client is created for each call",
        "'{0}' makes a client for every call: connections are opened anew, and limits, caches and budgets that live in a client never see the second request. Inject an IChatClient.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A client is made to be shared. What is made for each request neither reuses its connections nor remembers what was spent.",
        Rule.HelpLink(DiagnosticIds.ClientPerCall));

    private static readonly string[] Makers = ["Create", "Build", "Configure", "Add", "Register"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (member.Symbol is not IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false } method || IsStart(method) || !context.Code.Project.IsServer)
            return;
        foreach (var send in member.Sends)
        {
            if (CreationOf(send.Receiver(), member, depth: 0) is not { } creation || DependsOnCaller(creation))
                continue;
            context.Report(creation.Syntax, method.Name);
            return;
        }
    }

    /// <summary>A program's start, and what is made to make clients.</summary>
    private static bool IsStart(IMethodSymbol method)
    {
        if (method.Name is "Main" or "<Main>$" || method.Name.EndsWith("Client", StringComparison.Ordinal) || method.Name.EndsWith("ClientAsync", StringComparison.Ordinal))
            return true;
        foreach (var beginning in Makers)
            if (method.Name.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        return false;
    }

    /// <summary>Where a client comes from: through conversions such as <c>new OpenAIClient(key).GetChatClient(model).AsIChatClient()</c>.</summary>
    private static IObjectCreationOperation? CreationOf(IOperation? client, ChatMember member, int depth) => client switch
    {
        _ when depth > 8 => null,
        IObjectCreationOperation { Type.Name: var name } creation when name.EndsWith("Client", StringComparison.Ordinal) || name.EndsWith("Service", StringComparison.Ordinal) => creation,
        IInvocationOperation call => CreationOf(call.Receiver(), member, depth + 1),
        ILocalReferenceOperation { Local: var local } when member.Histories.Flow.ValuesOf(local) is [var value] => CreationOf(value.Unwrap(), member, depth + 1),
        _ => null,
    };

    /// <summary>A caller's key or model makes it another client each time.</summary>
    private static bool DependsOnCaller(IObjectCreationOperation creation)
    {
        foreach (var part in creation.Descendants())
            if (part is IParameterReferenceOperation { Parameter.ContainingSymbol: not IMethodSymbol { MethodKind: MethodKind.Constructor } })
                return true;
        return false;
    }
}
