using System.Collections.Immutable;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>An analyzer of plain chat client code. All of them share what <see cref="ChatCode"/> has bound.</summary>
public abstract class ChatAnalyzer : DiagnosticAnalyzer
{
    private readonly DiagnosticDescriptor _descriptor;

    private protected ChatAnalyzer(DiagnosticDescriptor descriptor)
    {
        _descriptor = descriptor;
        SupportedDiagnostics = [descriptor];
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        // Razor pages are seen only as what is generated of them; all other generated code is passed over below.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(start =>
        {
            var code = ChatCode.Of(start.Compilation, start.Options.AnalyzerConfigOptionsProvider);
            if (code.IsUsed && !code.IsTest)
                start.RegisterSemanticModelAction(model => AnalyzeFile(model, code));
        });
    }

    private protected abstract void Analyze(ChatMember member, ChatContext context);

    private void AnalyzeFile(SemanticModelAnalysisContext context, ChatCode code)
    {
        if (context.IsGeneratedCode && !RazorPage.Made(context.SemanticModel.SyntaxTree))
            return;
        var members = code.MembersIn(context.SemanticModel, context.CancellationToken);
        if (members.Count == 0)
            return;
        var chat = new ChatContext(_descriptor, code, context);
        foreach (var member in members)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            Analyze(member, chat);
        }
    }
}
