namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0008: a server that remembers every conversation it ever had.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistoriesNeverEvictedAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistoriesNeverEvicted,
        "Histories of conversations are never evicted",
        "'{0}' keeps a history for every conversation and never removes one: memory grows with all users that ever came. Use a cache with a sliding expiration, or remove what is over.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A dictionary of conversations in a server that runs for months is a leak, and a conversation resumed after weeks resends all of it.",
        Rule.HelpLink(DiagnosticIds.HistoriesNeverEvicted));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        var reported = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var call in member.Calls)
            if (call.TargetMethod.Name is "GetOrAdd" or "TryAdd" or "Add")
                Check(call.Instance.Symbol(), call);
        foreach (var assignment in member.Assignments)
            if (assignment.Target is IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } instance })
                Check(instance.Symbol(), assignment);

        void Check(ISymbol? store, IOperation operation)
        {
            if (store is not IFieldSymbol { ContainingType: { } owner } field
                || !HoldsConversations(field.Type)
                || !reported.Add(field)
                || !context.Code.Project.IsServer
                || RemovesFrom(owner, context.CancellationToken))
                return;
            context.Report(operation.Syntax, field.Name);
        }
    }

    /// <summary>A dictionary whose values are histories, sessions, or objects of this project that have one.</summary>
    private static bool HoldsConversations(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { Name: "Dictionary" or "ConcurrentDictionary" or "IDictionary", TypeArguments: [_, var value] })
            return false;
        if (ChatApi.IsHistory(value) || ChatApi.IsSession(value))
            return true;
        if (value.DeclaringSyntaxReferences.Length == 0)
            return false;
        foreach (var member in value.GetMembers())
            if (member is IFieldSymbol field && ChatApi.IsHistory(field.Type))
                return true;
        return false;
    }

    private static bool RemovesFrom(INamedTypeSymbol owner, CancellationToken cancellationToken)
    {
        foreach (var reference in owner.DeclaringSyntaxReferences)
            if (SourceWords.Has(reference.GetSyntax(cancellationToken), [".Remove(", ".TryRemove(", ".Clear("], cancellationToken))
                return true;
        return false;
    }
}
