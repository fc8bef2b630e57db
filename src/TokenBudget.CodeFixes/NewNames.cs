using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.CodeFixes;

/// <summary>The names a pass over a file has given to new variables.</summary>
internal sealed class NewNames
{
    private readonly Dictionary<(SyntaxNode Scope, object Owner), string> _given = [];

    /// <summary>A name nothing else in a scope has. Whoever asks for the same owner again gets the same name.</summary>
    /// <param name="scope">The member or type the name is for.</param>
    /// <param name="owner">What the variable is made for.</param>
    /// <param name="wanted">The name if it is free; otherwise a number follows it.</param>
    /// <param name="isNew">Whether the variable has to be declared.</param>
    public string Take(SyntaxNode scope, object owner, string wanted, out bool isNew)
    {
        isNew = !_given.TryGetValue((scope, owner), out var name);
        if (!isNew)
            return name!;
        var taken = new HashSet<string>(scope.DescendantTokens().Where(static token => token.IsKind(SyntaxKind.IdentifierToken)).Select(static token => token.ValueText));
        taken.UnionWith(_given.Where(given => given.Key.Scope == scope).Select(static given => given.Value));
        name = wanted;
        for (var number = 2; taken.Contains(name); number++)
            name = wanted + number;
        _given.Add((scope, owner), name);
        return name;
    }
}
