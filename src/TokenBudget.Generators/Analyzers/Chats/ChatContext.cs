namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>What a rule needs beside the member it looks at, and the way to report.</summary>
internal sealed class ChatContext(DiagnosticDescriptor descriptor, ChatCode code, SemanticModelAnalysisContext context)
{
    public ChatCode Code => code;

    public Compilation Compilation => context.SemanticModel.Compilation;

    public CancellationToken CancellationToken => context.CancellationToken;

    public void Report(SyntaxNode node, params object[] arguments) => Report(descriptor.DefaultSeverity, node.GetLocation(), [], arguments);

    public void Report(Location location, params object[] arguments) => Report(descriptor.DefaultSeverity, location, [], arguments);

    /// <summary>Reports with the places that explain it.</summary>
    public void Report(DiagnosticSeverity severity, Location location, IEnumerable<SyntaxNode> places, params object[] arguments)
    {
        if (!RazorPage.Shows(location))
            return;
        var others = new List<Location>();
        foreach (var place in places)
            if (place.GetLocation() is var other && RazorPage.Shows(other))
                others.Add(other);
        context.ReportDiagnostic(Diagnostic.Create(descriptor, location, severity, others, properties: null, arguments));
    }
}
