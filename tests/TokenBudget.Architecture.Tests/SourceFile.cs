using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Architecture.Tests;

/// <summary>A source file of <c>src/</c>.</summary>
internal sealed class SourceFile
{
    private SourceFile(string path)
    {
        Path = path;
        var parts = System.IO.Path.GetRelativePath(Repository.PathOf("src"), path).Split(System.IO.Path.DirectorySeparatorChar);
        Project = parts[0];
        Folders = parts[1..^1];
        Name = parts[^1];
        Text = File.ReadAllText(path);
        Tree = CSharpSyntaxTree.ParseText(Text, new CSharpParseOptions(LanguageVersion.Latest), path);
    }

    public static IReadOnlyList<SourceFile> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Split(System.IO.Path.DirectorySeparatorChar).Intersect(["bin", "obj"]).Any())
            .Order(StringComparer.Ordinal)
            .Select(static path => new SourceFile(path)),
    ];

    public string Path { get; }

    public string Project { get; }

    public IReadOnlyList<string> Folders { get; }

    public string Name { get; }

    public string Text { get; }

    public SyntaxTree Tree { get; }

    /// <summary>The namespace the file declares, if it declares types at all.</summary>
    public string? Namespace => Tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();

    /// <summary>Types in it, nested ones included, delegates too.</summary>
    public IEnumerable<MemberDeclarationSyntax> Types =>
        Tree.GetRoot().DescendantNodes().OfType<MemberDeclarationSyntax>().Where(static member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    public override string ToString() => $"{Project}/{string.Concat(Folders.Select(static folder => folder + "/"))}{Name}";
}
