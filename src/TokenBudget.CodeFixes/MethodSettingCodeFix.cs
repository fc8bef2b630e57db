using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace TokenBudget.CodeFixes;

/// <summary>Says something in the <c>[TokenBudget]</c> of a method: in the attribute that is there, or in a new one.</summary>
public abstract class MethodSettingCodeFix : DocumentCodeFix
{
    private const string Attribute = "global::TokenBudget.TokenBudgetAttribute";

    private readonly string _argument;

    private protected MethodSettingCodeFix(string title, string argument, string id)
        : base(title, id) => _argument = argument;

    // A method of a base interface is reported at the interface that inherits it; there is nothing to write there.
    private protected sealed override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node is not MethodDeclarationSyntax method)
            return null;
        var argument = SyntaxFactory.ParseAttributeArgumentList($"({_argument})")!.Arguments[0];
        if (Existing(method, model) is { } existing)
            return (editor, _) => editor.ReplaceNode(existing, (current, _) => ((AttributeSyntax)current).AddArgumentListArguments(argument).WithAdditionalAnnotations(Formatter.Annotation));
        return (editor, _) => editor.ReplaceNode(method, (current, _) => WithAttribute((MethodDeclarationSyntax)current, argument));
    }

    private static AttributeSyntax? Existing(MethodDeclarationSyntax method, SemanticModel model) => method.AttributeLists
        .SelectMany(static list => list.Attributes)
        .FirstOrDefault(attribute => model.GetTypeInfo(attribute).Type?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat) == Attribute);

    private static MethodDeclarationSyntax WithAttribute(MethodDeclarationSyntax method, AttributeArgumentSyntax argument)
    {
        var attribute = SyntaxFactory.Attribute(SyntaxFactory.ParseName(Attribute).WithAdditionalAnnotations(Simplifier.Annotation)).AddArgumentListArguments(argument);
        // The comments above the method stay above it.
        var list = SyntaxFactory.AttributeList([attribute])
            .WithLeadingTrivia(method.GetLeadingTrivia())
            .WithTrailingTrivia(SyntaxFactory.ElasticEndOfLine("\n"))
            .WithAdditionalAnnotations(Formatter.Annotation);
        var bare = method.WithLeadingTrivia(method.GetLeadingTrivia().Where(static trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)));
        return bare.WithAttributeLists(bare.AttributeLists.Insert(0, list));
    }
}
