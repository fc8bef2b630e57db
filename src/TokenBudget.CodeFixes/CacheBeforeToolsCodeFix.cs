using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TokenBudget.Generators.Diagnostics;
using Link = (Microsoft.CodeAnalysis.SyntaxToken Dot, Microsoft.CodeAnalysis.CSharp.Syntax.SimpleNameSyntax Name, Microsoft.CodeAnalysis.CSharp.Syntax.ArgumentListSyntax Arguments);

namespace TokenBudget.CodeFixes;

/// <summary>TB0017: moves a cache before the tool loop it stands in.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CacheBeforeToolsCodeFix)), Shared]
public sealed class CacheBeforeToolsCodeFix() : DocumentCodeFix("Put the cache before the tools", DiagnosticIds.CachedTools)
{
    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        // Two statements about one builder may have anything between them; a chain has not.
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } cache)
            return null;
        var links = new List<Link>();
        for (ExpressionSyntax current = cache; current is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call; current = access.Expression)
        {
            links.Insert(0, (access.OperatorToken, access.Name, call.ArgumentList));
            if (access.Name.Identifier.ValueText != "UseFunctionInvocation")
                continue;
            var start = access.Expression;
            return (editor, _) => editor.ReplaceNode(cache, Chain(start, links));
        }

        return null;
    }

    /// <summary>The chain with its last link first. A line's comment goes with its link; the line breaks stay where they are.</summary>
    private static ExpressionSyntax Chain(ExpressionSyntax start, List<Link> links)
    {
        var moved = links[links.Count - 1];
        List<Link> order = [moved, .. links.GetRange(0, links.Count - 1)];
        var chain = start;
        for (var i = 0; i < order.Count; i++)
        {
            var (dot, name, arguments) = order[i];
            var end = arguments.GetTrailingTrivia().Where(static trivia => !trivia.IsKind(SyntaxKind.EndOfLineTrivia))
                .Concat(links[i].Arguments.GetTrailingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)));
            chain = SyntaxFactory.InvocationExpression(
                SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, chain, dot, name),
                arguments.WithTrailingTrivia(end));
        }

        return chain;
    }
}
