using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Architecture.Tests;

/// <summary>The sources of <c>src/TokenBudget</c>, bound: what a name means decides, not how it is written (a using, an alias, a full or a relative name, or none at all).</summary>
internal sealed class RoomCompilation
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly string ProjectFolder = Repository.PathOf("src/TokenBudget");
    private readonly CSharpCompilation _compilation;

    public RoomCompilation(params (string Path, string Source)[] added)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        // Everything that lies beside the tests and in the framework, but not the product itself.
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is not "TokenBudget.dll")
            .Select(static path => MetadataReference.CreateFromFile(path));
        _compilation = CSharpCompilation.Create(
            "TokenBudget",
            [
                .. SourceFile.All.Where(static file => file.Project == "TokenBudget").Select(static file => file.Tree),
                .. added.Select(file => CSharpSyntaxTree.ParseText(file.Source, options, Path.Combine(ProjectFolder, file.Path))),
                CSharpSyntaxTree.ParseText(ImplicitUsings, options),
            ],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
    }

    /// <summary>What does not bind: with errors, the search for arrows would be blind. A partial method without a body is one a generator writes.</summary>
    public IEnumerable<string> Errors =>
        _compilation.GetDiagnostics().Where(static found => found.Severity == DiagnosticSeverity.Error && found.Id is not "CS8795").Select(static found => found.ToString());

    /// <summary>Every arrow that runs up, as <c>file -> what</c>.</summary>
    public IReadOnlyList<string> ArrowsUp =>
    [
        .. from tree in _compilation.SyntaxTrees
           where tree.FilePath.Length > 0
           let file = Path.GetRelativePath(ProjectFolder, tree.FilePath)
           let room = Rooms.OfFile(file)
           let model = _compilation.GetSemanticModel(tree)
           from name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
           let used = Used(model.GetSymbolInfo(name).Symbol, name)
           where used is { } found && found.Room > room
           group used.Value.What by $"{file} ({room}) -> {used.Value.What} ({used.Value.Room})" into arrow
           orderby arrow.Key
           select arrow.Key,
    ];

    private static (string What, int Room)? Used(ISymbol? symbol, SimpleNameSyntax name)
    {
        if (symbol is INamespaceSymbol space)
            return name.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null && Rooms.OfNamespace(space.ToDisplayString()) is { } level
                ? (space.ToDisplayString(), level)
                : null;
        var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        return type?.DeclaringSyntaxReferences is [var declared, ..] && declared.SyntaxTree.FilePath.Length > 0
            ? (type.ToDisplayString(), Rooms.OfFile(Path.GetRelativePath(ProjectFolder, declared.SyntaxTree.FilePath)))
            : null;
    }
}
