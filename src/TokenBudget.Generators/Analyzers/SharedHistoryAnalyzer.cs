namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0007: all users of a server talk in one conversation.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedHistoryAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly HashSet<string> Registrations = ["AddSingleton", "TryAddSingleton", "AddKeyedSingleton", "TryAddKeyedSingleton"];

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.SharedHistory,
        "A chat history is shared by all users",
        "'{0}' is one for the whole server, and so is its history '{1}': every user reads and pays for what the others said. "
        + "Register it as scoped, or keep a history for each conversation.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A singleton's or a static list of messages mixes the conversations of all users: their texts reach each other's answers, the list grows with all of "
        + "them, and two requests at a time break it.",
        Rule.HelpLink(DiagnosticIds.SharedHistory));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var call in member.Calls)
        {
            if (!Registrations.Contains(call.TargetMethod.Name) || RegisteredBy(call) is not { } type || !context.Code.Project.IsServer)
                continue;
            if (ChatApi.IsHistory(type))
                context.Report(call.Syntax, type.Name, type.Name);
            else if (type is INamedTypeSymbol named && HistoryOf(named, context) is { } history)
                context.Report(Descriptor.DefaultSeverity, call.Syntax.GetLocation(), SendsOf(history, named, context), named.Name, history.Name);
        }

        foreach (var growth in member.Histories.Growths)
        {
            if (growth.Holder is not { Path: "", Root: IFieldSymbol { IsStatic: true } or IPropertySymbol { IsStatic: true } }
                || MemberGrowth.In(member, growth.Holder) != growth.Operation
                || !context.Code.Project.IsServer)
                continue;
            var owner = growth.Holder.Root.ContainingType;
            context.Report(Descriptor.DefaultSeverity, growth.Operation.Syntax.GetLocation(), SendsOf(growth.Holder.Root, owner, context), owner.Name, growth.Holder.Root.Name);
        }
    }

    /// <summary>Where it is sent, to be seen beside where it is kept.</summary>
    private static IEnumerable<SyntaxNode> SendsOf(ISymbol history, INamedTypeSymbol type, ChatContext context)
    {
        foreach (var member in context.Code.MembersOf(type, context.CancellationToken))
            foreach (var send in member.Histories.Sends)
                if (SymbolEqualityComparer.Default.Equals(send.Holder.Root, history))
                    yield return send.Call.Syntax;
    }

    /// <summary>The class an object is made of: the last type argument, or what is created.</summary>
    private static ITypeSymbol? RegisteredBy(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.Parameter?.Ordinal == 0 && call.TargetMethod.IsExtensionMethod)
                continue;
            foreach (var part in argument.Value.DescendantsAndSelf())
                if (part is IReturnOperation { ReturnedValue: { } returned } && returned.Unwrap() is IObjectCreationOperation made)
                    return made.Type;
            if (argument.Value.Unwrap() is IObjectCreationOperation { Type: { } type })
                return type;
            if (argument.Value.Unwrap() is IDelegateCreationOperation or IAnonymousFunctionOperation)
                return null;
        }

        return call.TargetMethod.TypeArguments is [.., var last] ? last : null;
    }

    /// <summary>A history that a type holds and adds to in what is called again and again.</summary>
    private static ISymbol? HistoryOf(INamedTypeSymbol type, ChatContext context)
    {
        foreach (var member in type.GetMembers())
        {
            if (member is not (IFieldSymbol { AssociatedSymbol: null, IsStatic: false } or IPropertySymbol { IsStatic: false })
                || !ChatApi.IsHistory(member is IFieldSymbol field ? field.Type : ((IPropertySymbol)member).Type))
                continue;
            var holder = new Holder(member, "");
            foreach (var code in context.Code.MembersOf(type, context.CancellationToken))
                if (MemberGrowth.In(code, holder) is not null)
                    return member;
        }

        return null;
    }
}
