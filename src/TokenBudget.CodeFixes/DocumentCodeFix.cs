using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;

namespace TokenBudget.CodeFixes;

/// <summary>A fix that stays within one file. All faults of a file are mended in one pass, so that two of them in one method do not meet.</summary>
public abstract class DocumentCodeFix : CodeFixProvider
{
    private readonly string _title;

    private protected DocumentCodeFix(string title, params string[] ids)
    {
        _title = title;
        FixableDiagnosticIds = [.. ids];
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() =>
        FixAllProvider.Create(async (context, document, diagnostics) => await FixAsync(document, diagnostics, context.CancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
            if (model is not null && Plan(diagnostic.Id, NodeOf(diagnostic, model), model) is not null)
                context.RegisterCodeFix(
                    CodeAction.Create(_title, cancellationToken => FixAsync(context.Document, [diagnostic], cancellationToken), GetType().Name),
                    diagnostic);
    }

    /// <summary>What is to be done about a fault; null where no edit is safe.</summary>
    private protected abstract Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model);

    private static SyntaxNode NodeOf(Diagnostic diagnostic, SemanticModel model) =>
        model.SyntaxTree.GetRoot().FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);

    private async Task<Document> FixAsync(Document document, ImmutableArray<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        var names = new NewNames();
        foreach (var diagnostic in diagnostics)
            Plan(diagnostic.Id, NodeOf(diagnostic, editor.SemanticModel), editor.SemanticModel)?.Invoke(editor, names);
        return editor.GetChangedDocument();
    }
}
