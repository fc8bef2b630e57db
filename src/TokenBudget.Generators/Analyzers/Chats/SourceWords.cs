using Microsoft.CodeAnalysis.Text;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Looks for words in a file's text: hundreds of times cheaper than binding it, and most files have nothing to do with models.</summary>
internal static class SourceWords
{
    private static readonly string[] OfFiles = ["chat", "agent", "anthropic", "openai", "SemanticKernel", "AddSingleton", "EnableSensitiveData"];

    private static readonly string[] OfMembers =
    [
        "chat", "agent", "message", "history", "prompt", "kernel", "response", "conversation", "completion", "session", "singleton", "sensitive",
        "cache", "client", "FunctionChoice", "ToolCallBehavior",
    ];

    /// <summary>Whether a file may have to do with a model.</summary>
    public static bool MayChat(SyntaxTree tree, CancellationToken cancellationToken) => Has(Text(tree, cancellationToken), OfFiles);

    /// <summary>Whether a member may: it has a word of the trade in it, or the name of something that holds messages.</summary>
    public static bool MayChat(SyntaxNode member, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var text = Text(member.SyntaxTree, cancellationToken);
        return Has(text, member.Span, OfMembers, StringComparison.OrdinalIgnoreCase) || Has(text, member.Span, names, StringComparison.Ordinal);
    }

    public static bool Has(SyntaxNode node, IEnumerable<string> words, CancellationToken cancellationToken) =>
        Has(Text(node.SyntaxTree, cancellationToken), node.Span, words, StringComparison.Ordinal);

    public static bool Has(SyntaxTree tree, IEnumerable<string> words, CancellationToken cancellationToken)
    {
        var text = Text(tree, cancellationToken);
        return Has(text, new TextSpan(0, text.Length), words, StringComparison.Ordinal);
    }

    private static bool Has(string text, IEnumerable<string> words) => Has(text, new TextSpan(0, text.Length), words, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, TextSpan span, IEnumerable<string> words, StringComparison comparison)
    {
        foreach (var word in words)
            if (text.IndexOf(word, span.Start, span.Length, comparison) >= 0)
                return true;
        return false;
    }

    /// <summary>Not a copy: a file the compiler has read is one string already.</summary>
    private static string Text(SyntaxTree tree, CancellationToken cancellationToken) => tree.GetText(cancellationToken).ToString();
}
