using System.Collections.Concurrent;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>What kind of program a compilation is. Asked only when there is something to report.</summary>
internal sealed class ProjectFacts(Compilation compilation, Func<SyntaxTree, RuleSettings> settings)
{
    private static readonly string[] ServerTypes =
        ["Microsoft.AspNetCore.Builder.WebApplication", "Microsoft.AspNetCore.Http.HttpContext", "Microsoft.Azure.Functions.Worker.FunctionAttribute"];

    private readonly Lazy<bool> _isServer = new(() => compilation.SyntaxTrees.Select(tree => settings(tree).IsServer).FirstOrDefault(static told => told is not null) ?? HasAny(compilation, ServerTypes));

    /// <summary>Whether it serves many users.</summary>
    public bool IsServer => _isServer.Value;

    /// <summary>Whether it is a program one person sits in front of.</summary>
    public bool IsForOneUser => compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication && !IsServer;

    private readonly ConcurrentDictionary<string, bool> _mentions = new();

    /// <summary>Whether one of some words stands in any file.</summary>
    public bool Mentions(params string[] words) => _mentions.GetOrAdd(string.Join("|", words), _ => Search(words));

    private bool Search(string[] words)
    {
        foreach (var tree in compilation.SyntaxTrees)
            if (SourceWords.Has(tree, words, CancellationToken.None))
                return true;
        return false;
    }

    private static bool HasAny(Compilation compilation, string[] types)
    {
        foreach (var type in types)
            if (compilation.GetTypesByMetadataName(type).Length > 0)
                return true;
        return false;
    }
}
