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

/// <summary>
/// TB0108: adds a token that callers may leave out. Only where the class is generated: an implementation of the user's own would no longer compile.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CancellationCodeFix)), Shared]
public sealed class CancellationCodeFix() : DocumentCodeFix("Take a CancellationToken", DiagnosticIds.NoCancellation)
{
    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node is not MethodDeclarationSyntax method || model.GetDeclaredSymbol(method) is not { } symbol || !symbol.ContainingType.GetAttributes().Any(IsAgent))
            return null;
        var name = "cancellationToken";
        while (symbol.Parameters.Any(parameter => parameter.Name == name))
            name += "2";
        // A token that is given by place would become part of what params takes.
        if (symbol.Parameters.Any(static parameter => parameter.IsParams))
            return null;
        return (editor, _) => editor.ReplaceNode(method, (current, _) => WithToken((MethodDeclarationSyntax)current, name));
    }

    private static bool IsAgent(AttributeData attribute) => attribute.AttributeClass?.ToDisplayString() == "TokenBudget.ChatAgentAttribute";

    private static MethodDeclarationSyntax WithToken(MethodDeclarationSyntax method, string name) => method.AddParameterListParameters(
        SyntaxFactory.Parameter(SyntaxFactory.Identifier(name))
            .WithType(SyntaxFactory.ParseTypeName("global::System.Threading.CancellationToken").WithTrailingTrivia(SyntaxFactory.Space).WithAdditionalAnnotations(Simplifier.Annotation))
            .WithDefault(SyntaxFactory.EqualsValueClause(SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression)))
            .WithAdditionalAnnotations(Formatter.Annotation));
}
