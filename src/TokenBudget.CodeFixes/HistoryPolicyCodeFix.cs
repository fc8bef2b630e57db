using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0102: says <c>[TokenBudget(MaxContextTokens = 50_000)]</c> on the method, or says it in the attribute that is there.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HistoryPolicyCodeFix)), Shared]
public sealed class HistoryPolicyCodeFix : CodeFixProvider
{
    private const string Title = "Limit the context to 50,000 tokens";
    private const string Attribute = "global::TokenBudget.TokenBudgetAttribute";

    /// <summary>The limit the environment's default has too.</summary>
    private const string Limit = "50_000";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.NoHistoryPolicy];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        // A method of a base interface is reported at the interface that inherits it; there is nothing to write there.
        if (root?.FindNode(context.Span) is not MethodDeclarationSyntax method)
            return;
        context.RegisterCodeFix(
            CodeAction.Create(Title, cancellationToken => FixAsync(context.Document, method, cancellationToken), nameof(HistoryPolicyCodeFix)),
            context.Diagnostics);
    }

    private static async Task<Document> FixAsync(Document document, MethodDeclarationSyntax method, CancellationToken cancellationToken)
    {
        var root = (await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false))!;
        var model = (await document.GetSemanticModelAsync(cancellationToken).ConfigureAwait(false))!;
        var argument = SyntaxFactory.ParseAttributeArgumentList($"(MaxContextTokens = {Limit})")!.Arguments[0];
        return Existing(method, model, cancellationToken) is { } existing
            ? document.WithSyntaxRoot(root.ReplaceNode(existing, existing.AddArgumentListArguments(argument).WithAdditionalAnnotations(Formatter.Annotation)))
            : document.WithSyntaxRoot(root.ReplaceNode(method, WithAttribute(method, argument)));
    }

    private static AttributeSyntax? Existing(MethodDeclarationSyntax method, SemanticModel model, CancellationToken cancellationToken)
    {
        foreach (var list in method.AttributeLists)
            foreach (var attribute in list.Attributes)
                if (model.GetTypeInfo(attribute, cancellationToken).Type?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) == Attribute)
                    return attribute;
        return null;
    }

    private static MethodDeclarationSyntax WithAttribute(MethodDeclarationSyntax method, AttributeArgumentSyntax argument)
    {
        var attribute = SyntaxFactory.Attribute(SyntaxFactory.ParseName(Attribute).WithAdditionalAnnotations(Simplifier.Annotation))
            .AddArgumentListArguments(argument);
        // The comments above the method stay above it.
        var list = SyntaxFactory.AttributeList([attribute])
            .WithLeadingTrivia(method.GetLeadingTrivia())
            .WithTrailingTrivia(SyntaxFactory.ElasticEndOfLine("\n"))
            .WithAdditionalAnnotations(Formatter.Annotation);
        var bare = method.WithLeadingTrivia(method.GetLeadingTrivia().Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)));
        return bare.WithAttributeLists(bare.AttributeLists.Insert(0, list));
    }
}
