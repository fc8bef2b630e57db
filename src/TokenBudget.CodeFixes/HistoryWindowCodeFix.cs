using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Operations;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0001, TB0002: sends what a context window of 50,000 tokens leaves of a history.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HistoryWindowCodeFix)), Shared]
public sealed class HistoryWindowCodeFix() : DocumentCodeFix("Send at most 50,000 tokens of it", DiagnosticIds.HistoryGrowsInLoop, DiagnosticIds.HistoryGrowsInMember)
{
    private const string Window = "TokenBudget.Windowing.ContextWindow";
    private const string Options = "TokenBudget.Windowing.ContextWindowOptions";
    private const string Counter = "TokenBudget.Counting.MessageCounter";
    private const string Tokens = "TokenBudget.Counting.TokenCounter";

    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node.FirstAncestorOrSelf<ArgumentSyntax>() is not { Expression: var carrier } argument
            || !argument.Expression.Span.Contains(node.Span)
            || TypeOf(Window, model) is null
            || model.GetOperation(argument) is not IArgumentOperation { Parameter.Type: var wanted }
            || wanted.ToDisplayString() != "System.Collections.Generic.IEnumerable<Microsoft.Extensions.AI.ChatMessage>")
            return null;
        // What an object keeps from call to call is cut by something it keeps too.
        if (id == DiagnosticIds.HistoryGrowsInLoop && DeclarationIn(carrier, model) is { } declaration)
            return (editor, names) => Send(editor, carrier, model, Local(editor, declaration, model, names));
        if (carrier.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not (ClassDeclarationSyntax or RecordDeclarationSyntax) || !MentionsState(carrier, model))
            return null;
        var type = carrier.FirstAncestorOrSelf<TypeDeclarationSyntax>()!;
        var isStatic = carrier.Ancestors().OfType<MemberDeclarationSyntax>().First().Modifiers.Any(SyntaxKind.StaticKeyword);
        return (editor, names) => Send(editor, carrier, model, Member(editor, type, isStatic, model, names));
    }

    private static INamedTypeSymbol? TypeOf(string name, SemanticModel model) => model.Compilation.GetTypesByMetadataName(name).FirstOrDefault();

    private static void Send(SyntaxEditor editor, ExpressionSyntax carrier, SemanticModel model, string window)
    {
        var isList = carrier is CollectionExpressionSyntax
            || model.GetTypeInfo(carrier).Type is { } type && type.AllInterfaces.Prepend(type as INamedTypeSymbol).Any(static one => one?.Name == "IReadOnlyList");
        editor.ReplaceNode(carrier, (current, _) =>
            SyntaxFactory.ParseExpression(isList ? $"{window}.Reduce({current.WithoutTrivia()}).Messages" : $"{window}.Reduce([.. {current.WithoutTrivia()}]).Messages").WithTriviaFrom(current));
    }

    /// <summary>A variable beside the list, or before the loop that makes a new list each time.</summary>
    private static string Local(SyntaxEditor editor, LocalDeclarationStatementSyntax declaration, SemanticModel model, NewNames names)
    {
        var scope = (SyntaxNode?)declaration.FirstAncestorOrSelf<MemberDeclarationSyntax>(static member => member is not GlobalStatementSyntax) ?? declaration.SyntaxTree.GetRoot();
        var loop = declaration.Ancestors().TakeWhile(static node => node is StatementSyntax and not LocalFunctionStatementSyntax).OfType<StatementSyntax>()
            .LastOrDefault(static node => node is WhileStatementSyntax or DoStatementSyntax or ForStatementSyntax or CommonForEachStatementSyntax);
        var anchor = loop ?? declaration;
        var name = names.Take(scope, anchor, "window", out var isNew);
        if (!isNew)
            return name;
        var statement = (StatementSyntax)editor.Generator.LocalDeclarationStatement(name, Create(editor.Generator, model)).WithAdditionalAnnotations(Formatter.Annotation);
        SyntaxNode place = anchor.Parent is GlobalStatementSyntax global ? global : anchor;
        SyntaxNode added = place is GlobalStatementSyntax ? SyntaxFactory.GlobalStatement(statement) : statement;
        if (loop is null)
            editor.InsertAfter(place, added);
        else
            editor.InsertBefore(place, added);
        return name;
    }

    /// <summary>A field in front of the others.</summary>
    private static string Member(SyntaxEditor editor, TypeDeclarationSyntax type, bool isStatic, SemanticModel model, NewNames names)
    {
        var name = names.Take(type, isStatic, isStatic ? "Window" : "_window", out var isNew);
        if (!isNew)
            return name;
        var generator = editor.Generator;
        var field = generator.FieldDeclaration(
            name,
            generator.TypeExpression(TypeOf(Window, model)!),
            Accessibility.Private,
            DeclarationModifiers.ReadOnly.WithIsStatic(isStatic),
            Create(generator, model));
        editor.InsertMembers(type, 0, [field.WithAdditionalAnnotations(Formatter.Annotation)]);
        return name;
    }

    private static SyntaxNode Create(SyntaxGenerator generator, SemanticModel model)
    {
        var options = (ObjectCreationExpressionSyntax)generator.ObjectCreationExpression(Type(Options));
        // On one line, as somebody would write it.
        options = options.WithArgumentList(null).WithType(options.Type.WithTrailingTrivia(SyntaxFactory.Space)).WithInitializer(((BaseObjectCreationExpressionSyntax)SyntaxFactory.ParseExpression("new() { MaxTokens = 50_000 }")).Initializer);
        var counter = generator.ObjectCreationExpression(
            Type(Counter),
            generator.InvocationExpression(generator.MemberAccessExpression(Type(Tokens), "ForEncoding"), generator.LiteralExpression("o200k_base")));
        return generator.ObjectCreationExpression(Type(Window), options, counter);

        SyntaxNode Type(string name) => generator.TypeExpression(TypeOf(name, model)!);
    }

    /// <summary>The statement that declares the list that is sent, or that what is sent is made of.</summary>
    private static LocalDeclarationStatementSyntax? DeclarationIn(ExpressionSyntax carrier, SemanticModel model)
    {
        foreach (var name in carrier.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>())
            if (model.GetSymbolInfo(name).Symbol is ILocalSymbol { DeclaringSyntaxReferences: { Length: 1 } references }
                && references[0].GetSyntax() is VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax { Parent: BlockSyntax or GlobalStatementSyntax } statement })
                return statement;
        return null;
    }

    private static bool MentionsState(ExpressionSyntax carrier, SemanticModel model) =>
        carrier.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Any(name => model.GetSymbolInfo(name).Symbol is IFieldSymbol or IPropertySymbol or IParameterSymbol or ILocalSymbol);
}
