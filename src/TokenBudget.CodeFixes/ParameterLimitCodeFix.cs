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

/// <summary>TB0110: bounds a text.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ParameterLimitCodeFix)), Shared]
public sealed class ParameterLimitCodeFix() : DocumentCodeFix("Allow 2,000 tokens", DiagnosticIds.UnboundedParameter)
{
    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model) => node is ParameterSyntax parameter
        ? (editor, _) => editor.ReplaceNode(parameter, static (current, _) => WithLimit((ParameterSyntax)current))
        : null;

    private static ParameterSyntax WithLimit(ParameterSyntax parameter)
    {
        var attribute = SyntaxFactory.Attribute(SyntaxFactory.ParseName("global::TokenBudget.MaxTokensAttribute").WithAdditionalAnnotations(Simplifier.Annotation))
            .WithArgumentList(SyntaxFactory.ParseAttributeArgumentList("(2_000)"));
        var list = SyntaxFactory.AttributeList([attribute]).WithLeadingTrivia(parameter.GetLeadingTrivia()).WithTrailingTrivia(SyntaxFactory.Space).WithAdditionalAnnotations(Formatter.Annotation);
        var bare = parameter.WithLeadingTrivia();
        return bare.WithAttributeLists(bare.AttributeLists.Insert(0, list));
    }
}
