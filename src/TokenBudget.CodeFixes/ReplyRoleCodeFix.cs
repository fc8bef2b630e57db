using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0006: gives a reply the assistant's role.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReplyRoleCodeFix)), Shared]
public sealed class ReplyRoleCodeFix() : DocumentCodeFix("Add it with the assistant's role", DiagnosticIds.ReplyInUserRole)
{
    private static readonly Dictionary<string, string> Roles = new()
    {
        ["User"] = "Assistant", ["AddUserMessage"] = "AddAssistantMessage", ["UserChatMessage"] = "AssistantChatMessage",
    };

    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } add)
            return null;
        foreach (var name in add.DescendantNodes().OfType<IdentifierNameSyntax>())
            if (Roles.TryGetValue(name.Identifier.ValueText, out var role) && Exists(name, role, model))
                return (editor, _) => editor.ReplaceNode(name, SyntaxFactory.IdentifierName(SyntaxFactory.Identifier(role)).WithTriviaFrom(name));
        return null;
    }

    /// <summary>Beside what is named there: a member of the same type, or a type of the same namespace.</summary>
    private static bool Exists(IdentifierNameSyntax name, string role, SemanticModel model) => model.GetSymbolInfo(name).Symbol switch
    {
        INamedTypeSymbol type => type.ContainingNamespace.GetTypeMembers(role).Length > 0,
        { ContainingType: { } owner } => owner.GetMembers(role).Length > 0,
        _ => false,
    };
}
