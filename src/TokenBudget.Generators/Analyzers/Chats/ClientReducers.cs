using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Whether the project sets up something that shortens histories on their way: then a growing list is no fault.</summary>
/// <remarks>Asked only when there is something to report, which in a healthy project is never.</remarks>
internal sealed class ClientReducers(Compilation compilation)
{
    private static readonly HashSet<string> Names =
    [
        "ChatReducer", "CompactionProvider", "MessageCountingChatReducer", "ReduceAsync", "ReducingChatClient", "SummarizingChatReducer",
        "UseChatReducer", "UsingChatHistoryReducer", "WithTokenBudget", "UseTokenBudget", "ChatHistoryTruncationReducer",
        "ChatHistorySummarizationReducer", "CompactionStrategy",
    ];

    private readonly Lazy<bool> _any = new(() => Search(compilation));

    public bool Any => _any.Value;

    private static bool Search(Compilation compilation)
    {
        foreach (var tree in compilation.SyntaxTrees)
            if (SourceWords.Has(tree, Names, CancellationToken.None) && IsNamedIn(tree))
                return true;
        return false;
    }

    /// <summary>In code: a comment that speaks of a reducer sets none up.</summary>
    private static bool IsNamedIn(SyntaxTree tree)
    {
        foreach (var node in tree.GetRoot().DescendantNodes())
            if (node is SimpleNameSyntax name && Names.Contains(name.Identifier.ValueText))
                return true;
        return false;
    }
}
