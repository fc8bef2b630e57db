namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0017: a cache inside the tool loop.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CachedToolsAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.CachedTools,
        "A cache stands inside the tool loop",
        "The cache is asked in every round of the tool loop: its keys hold all tool results, so it hardly ever hits, and when it does, old tool calls run again. Put it before UseFunctionInvocation.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A builder's first step is the outermost. A cache after UseFunctionInvocation stores requests for tool calls, not answers.",
        Rule.HelpLink(DiagnosticIds.CachedTools));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var cache in member.Calls)
            if (cache.TargetMethod is { Name: "UseDistributedCache", IsExtensionMethod: true } && HasToolsBefore(cache, member))
                context.Report(cache.NameLocation());
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
