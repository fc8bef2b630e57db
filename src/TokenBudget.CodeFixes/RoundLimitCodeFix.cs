using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0009: counts the rounds of a tool loop and gives up.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RoundLimitCodeFix)), Shared]
public sealed class RoundLimitCodeFix() : DocumentCodeFix("Give up after 20 rounds", DiagnosticIds.UnlimitedToolLoop)
{
    private const string Counter = "rounds";

    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        var loop = node.FirstAncestorOrSelf<StatementSyntax>(static statement => statement is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax);
        var body = loop switch
        {
            WhileStatementSyntax { Statement: BlockSyntax block } => block,
            DoStatementSyntax { Statement: BlockSyntax block } => block,
            ForStatementSyntax { Statement: BlockSyntax block } => block,
            _ => null,
        };
        if (body is null || loop!.Parent is not (BlockSyntax or GlobalStatementSyntax))
            return null;
        var scope = (SyntaxNode?)loop.FirstAncestorOrSelf<MemberDeclarationSyntax>(static member => member is not GlobalStatementSyntax) ?? loop.SyntaxTree.GetRoot();
        return (editor, names) =>
        {
            var name = names.Take(scope, loop, Counter, out _);
            var declaration = SyntaxFactory.ParseStatement($"var {name} = 0;")
                .WithLeadingTrivia(SyntaxFactory.ElasticMarker)
                .WithTrailingTrivia(SyntaxFactory.ElasticEndOfLine("\n"))
                .WithAdditionalAnnotations(Formatter.Annotation);
            editor.InsertBefore(loop.Parent is GlobalStatementSyntax ? loop.Parent : loop, loop.Parent is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement(declaration) : declaration);
            var check = SyntaxFactory.ParseStatement($"if (++{name} > 20)\n    throw new global::System.InvalidOperationException(\"The tool loop did not end within 20 rounds.\");\n")
                .WithAdditionalAnnotations(Formatter.Annotation);
            var thrown = check.DescendantNodes().OfType<QualifiedNameSyntax>().First();
            check = check.ReplaceNode(thrown, thrown.WithAdditionalAnnotations(Simplifier.Annotation));
            editor.ReplaceNode(body, (current, _) => ((BlockSyntax)current).WithStatements(((BlockSyntax)current).Statements.Insert(0, check)));
        };
    }
}
