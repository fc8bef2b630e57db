using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0011: writes the limit of automatic tool rounds down.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ToolLimitCodeFix)), Shared]
public sealed class ToolLimitCodeFix() : DocumentCodeFix("Allow 10 rounds of tool calls", DiagnosticIds.DefaultToolLimit)
{
    private const string Limit = "MaximumIterationsPerRequest = 10";

    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node.FirstAncestorOrSelf<ObjectCreationExpressionSyntax>() is { } creation && creation.Span == node.Span)
            return (editor, _) => editor.ReplaceNode(creation, (current, _) => WithLimit((ObjectCreationExpressionSyntax)current));
        if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } call
            || model.GetSymbolInfo(call).Symbol is not IMethodSymbol method
            || !method.Parameters.Any(static parameter => parameter.Name == "configure"))
            return null;
        return call.ArgumentList.Arguments.FirstOrDefault(static argument => argument.Expression is LambdaExpressionSyntax)?.Expression switch
        {
            null when call.ArgumentList.Arguments.Count < method.Parameters.Length =>
                (editor, _) => editor.ReplaceNode(call, static (current, _) => WithLimit((InvocationExpressionSyntax)current)),
            SimpleLambdaExpressionSyntax lambda => (editor, _) => editor.ReplaceNode(lambda, static (current, _) => WithLimit((SimpleLambdaExpressionSyntax)current)),
            _ => null,
        };
    }

    private static InvocationExpressionSyntax WithLimit(InvocationExpressionSyntax call) => call.WithArgumentList(call.ArgumentList
        .AddArguments(SyntaxFactory.Argument(SyntaxFactory.ParseExpression($"client => client.{Limit}"))
            .WithNameColon(SyntaxFactory.NameColon("configure").WithTrailingTrivia(SyntaxFactory.Space)))
        .WithAdditionalAnnotations(Formatter.Annotation));

    private static ObjectCreationExpressionSyntax WithLimit(ObjectCreationExpressionSyntax creation)
    {
        if (creation.Initializer is { } initializer)
            return creation.WithInitializer(initializer.AddExpressions(SyntaxFactory.ParseExpression(Limit))).WithAdditionalAnnotations(Formatter.Annotation);
        // On one line, as somebody would write it.
        var written = (BaseObjectCreationExpressionSyntax)SyntaxFactory.ParseExpression($"new() {{ {Limit} }}");
        return creation.WithArgumentList(creation.ArgumentList?.WithTrailingTrivia(SyntaxFactory.Space))
            .WithInitializer(written.Initializer!.WithTrailingTrivia(creation.GetTrailingTrivia()));
    }

    private static LambdaExpressionSyntax WithLimit(SimpleLambdaExpressionSyntax lambda)
    {
        var set = $"{lambda.Parameter.Identifier.ValueText}.{Limit};";
        if (lambda.Block is { } body)
            return lambda.WithBlock(body.WithStatements(body.Statements.Insert(0, SyntaxFactory.ParseStatement(set + "\n").WithAdditionalAnnotations(Formatter.Annotation))));
        return (LambdaExpressionSyntax)SyntaxFactory.ParseExpression($"{lambda.Parameter} => {{ {lambda.ExpressionBody}; {set} }}").WithTriviaFrom(lambda);
    }
}
