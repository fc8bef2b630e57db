using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0004: sends the new message alone where a session keeps the rest, or the list alone where the message is in it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HistorySentTwiceCodeFix)), Shared]
public sealed class HistorySentTwiceCodeFix() : DocumentCodeFix("Send what is new once", DiagnosticIds.HistorySentTwice)
{
    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        var carrier = node as ExpressionSyntax ?? (node as ArgumentSyntax)?.Expression;
        var replacement = carrier switch
        {
            CollectionExpressionSyntax { Elements: { Count: 2 } elements } when elements[0] is SpreadElementSyntax spread && elements[1] is ExpressionElementSyntax => spread.Expression,
            IdentifierNameSyntax name when IsOneMessageATurn(name, model) => SyntaxFactory.ParseExpression($"[{name.Identifier.ValueText}[^1]]"),
            _ => null,
        };
        return replacement is null ? null : (editor, _) => editor.ReplaceNode(carrier!, replacement.WithTriviaFrom(carrier!));
    }

    /// <summary>A list that begins empty and gets one message before each call: the newest is all that is new.</summary>
    private static bool IsOneMessageATurn(IdentifierNameSyntax name, SemanticModel model)
    {
        if (model.GetSymbolInfo(name).Symbol is not ILocalSymbol { Type.Name: "List", DeclaringSyntaxReferences: { Length: 1 } references } list
            || references[0].GetSyntax() is not VariableDeclaratorSyntax { Initializer.Value: var start }
            || !IsEmpty(start)
            || name.Ancestors().FirstOrDefault(static node => node is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax) is not { } loop)
            return false;
        var before = 0;
        foreach (var use in name.SyntaxTree.GetRoot().DescendantNodes().OfType<IdentifierNameSyntax>())
        {
            if (use.Identifier.ValueText != list.Name || use.SpanStart >= name.SpanStart || !SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(use).Symbol, list))
                continue;
            if (use.Parent is not MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Add", Parent: InvocationExpressionSyntax { Parent: ExpressionStatementSyntax { Parent: var block } } }
                || block?.Parent != loop)
                return false;
            before++;
        }

        return before == 1;
    }

    private static bool IsEmpty(ExpressionSyntax start) => start is CollectionExpressionSyntax { Elements.Count: 0 }
        or BaseObjectCreationExpressionSyntax { Initializer: null or { Expressions.Count: 0 }, ArgumentList: null or { Arguments.Count: 0 } };
}
