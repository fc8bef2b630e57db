namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0017: a cache inside the tool loop, or in front of a history that grows.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CachedToolsAnalyzer() : ChatAnalyzer(Descriptor)
{
    private const string InToolLoop =
        "The cache is asked in every round of the tool loop: its keys hold all tool results, so it hardly ever hits, and when it does, old tool calls run again. Put it before UseFunctionInvocation.";

    private const string Apart = "Give conversations a client without the cache.";

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.CachedTools,
        "A cache hardly ever hits where it stands",
        "{0}",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A builder's first step is the outermost. A cache after UseFunctionInvocation stores requests for tool calls, not answers.",
        Rule.HelpLink(DiagnosticIds.CachedTools));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var cache in member.Calls)
            if (cache.TargetMethod is { Name: "UseDistributedCache", IsExtensionMethod: true } && HasToolsBefore(cache, member))
                context.Report(cache.NameLocation(), InToolLoop);
        foreach (var send in member.Histories.Sends)
            if (Grows(send, member, context) && CacheOf(send.Call, member, context) is { } name)
                context.Report(send.Carrier.Syntax, $"The cache of '{name}' is asked with '{send.Holder}', which is longer with each turn: no request equals an earlier one, and every answer is stored for nothing. {Apart}");
    }

    private static bool Grows(HistorySend send, ChatMember member, ChatContext context) => send.Holder.IsMember
        ? MemberGrowth.Find(MemberGrowth.MembersWith(send.Holder, member, context), send.Holder) is not null
        : LoopGrowth.Find(member.Histories, send) is not null;

    /// <summary>The name of the client that sends, if a cache is built into it within sight.</summary>
    private static string? CacheOf(IInvocationOperation send, ChatMember member, ChatContext context)
    {
        if (send.Receiver().Symbol() is not { } client)
            return null;
        IEnumerable<ChatMember> members = client is ILocalSymbol || member.Type is not { } type ? [member] : context.Code.MembersOf(type, context.CancellationToken);
        foreach (var other in members)
        {
            foreach (var declaration in other.Declarations)
                if (Is(declaration.Symbol) && (declaration.Initializer ?? (declaration.Parent as IVariableDeclarationOperation)?.Initializer) is { } value && HasCache(value))
                    return client.Name;
            foreach (var assignment in other.Assignments)
                if (Is(assignment.Target.Symbol()) && HasCache(assignment.Value))
                    return client.Name;
            if (other.Body is IFieldInitializerOperation or IPropertyInitializerOperation && Is(other.Symbol) && HasCache(other.Body))
                return client.Name;
        }

        return null;

        bool Is(ISymbol? symbol) => SymbolEqualityComparer.Default.Equals(symbol, client);
    }

    private static bool HasCache(IOperation value)
    {
        foreach (var part in value.DescendantsAndSelf())
            if (part is IInvocationOperation { TargetMethod: { Name: "UseDistributedCache", IsExtensionMethod: true } })
                return true;
        return false;
    }

    /// <summary>Whether tools stand before the cache in its chain, or in an earlier statement about the same builder.</summary>
    private static bool HasToolsBefore(IInvocationOperation cache, ChatMember member)
    {
        var receiver = cache.Receiver();
        while (receiver is IInvocationOperation call)
        {
            if (call.TargetMethod.Name == "UseFunctionInvocation")
                return true;
            receiver = call.Receiver();
        }

        return receiver.Symbol() is { } builder
            && member.Calls.Exists(call => call.TargetMethod.Name == "UseFunctionInvocation"
                && call.Syntax.Span.End <= cache.Syntax.SpanStart
                && SymbolEqualityComparer.Default.Equals(call.Receiver().Symbol(), builder));
    }
}
