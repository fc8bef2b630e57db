using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0109: puts the lines of a prompt that have no placeholder before those that have one. Each line stays whole, either kind in its order, and what names a value with it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PromptOrderCodeFix)), Shared]
public sealed class PromptOrderCodeFix() : DocumentCodeFix("Put the constant lines first", DiagnosticIds.VolatilePrefix)
{
    private protected override Action<SyntaxEditor, NewNames>? Plan(string id, SyntaxNode node, SemanticModel model)
    {
        if (node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } method || node is MethodDeclarationSyntax)
            return null;
        // Of several messages the order has a meaning of its own.
        var prompts = method.AttributeLists.SelectMany(static list => list.Attributes)
            .Where(attribute => model.GetTypeInfo(attribute).Type?.ToDisplayString() == "TokenBudget.PromptAttribute").ToList();
        if (prompts.Count != 1 || prompts[0].ArgumentList?.Arguments.FirstOrDefault()?.Expression is not LiteralExpressionSyntax literal || Reordered(literal.Token.Text) is not { } text || text == literal.Token.Text)
            return null;
        return (editor, _) => editor.ReplaceNode(literal, SyntaxFactory.ParseExpression(text).WithTriviaFrom(literal));
    }

    private static string? Reordered(string literal)
    {
        if (literal.StartsWith("\"\"\"", StringComparison.Ordinal))
        {
            var lines = literal.Split('\n');
            // One of one line has nothing to reorder; its first and last lines are quotes.
            return lines.Length < 3 ? null : string.Join("\n", [lines[0], .. Order(lines.Skip(1).Take(lines.Length - 2)), lines[lines.Length - 1]]);
        }

        if (literal.StartsWith("@\"", StringComparison.Ordinal))
            return $"@\"{string.Join("\n", Order(literal.Substring(2, literal.Length - 3).Split('\n')))}\"";
        return literal.StartsWith("\"", StringComparison.Ordinal) ? $"\"{string.Join("\\n", Order(EscapedLines(literal.Substring(1, literal.Length - 2))))}\"" : null;
    }

    /// <summary>The text between written line breaks; a backslash that is itself escaped begins none.</summary>
    private static List<string> EscapedLines(string text)
    {
        var lines = new List<string>();
        var start = 0;
        for (var at = 0; at + 1 < text.Length; at++)
        {
            if (text[at] != '\\')
                continue;
            if (text[at + 1] == 'n')
            {
                lines.Add(text.Substring(start, at - start));
                start = at + 2;
            }

            at++;
        }

        lines.Add(text.Substring(start));
        return lines;
    }

    private static IEnumerable<string> Order(IEnumerable<string> lines)
    {
        var all = lines.ToList();
        var moves = all.ConvertAll(HasPlaceholder);
        // What names or closes a value stays with it.
        for (var at = all.Count - 2; at >= 0; at--)
            moves[at] |= moves[at + 1] && Introduces(all[at].Trim());
        for (var at = 1; at < all.Count; at++)
            moves[at] |= moves[at - 1] && Closes(all[at].Trim());
        return all.Where((_, at) => !moves[at]).Concat(all.Where((_, at) => moves[at]));
    }

    private static bool Introduces(string line) => line.EndsWith(":", StringComparison.Ordinal) || line.StartsWith("#", StringComparison.Ordinal) || line.StartsWith("<", StringComparison.Ordinal) || IsFence(line);

    private static bool Closes(string line) => line.StartsWith("</", StringComparison.Ordinal) || IsFence(line);

    private static bool IsFence(string line) => line.StartsWith("```", StringComparison.Ordinal) || line is "---";

    private static bool HasPlaceholder(string line) => line.Replace("{{", "").Replace("}}", "").Contains('{');
}
