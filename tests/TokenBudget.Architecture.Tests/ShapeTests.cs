using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Architecture.Tests;

/// <summary>What every source file of <c>src/</c> looks like.</summary>
public sealed class ShapeTests
{
    private const int MaxLines = 500;

    // Namespaces that are not their folders, with the reason.
    private static readonly Dictionary<string, string> OtherNamespaces = new(StringComparer.Ordinal)
    {
        // The words of the library: what everybody writes above an interface needs no second using.
        ["TokenBudget/Attributes"] = "TokenBudget",
        // And what it may name in its methods needs none either.
        ["TokenBudget/Calls/AgentReply{T}.cs"] = "TokenBudget",
        ["TokenBudget/Conversations/Conversation.cs"] = "TokenBudget",
        // One using for whoever tests with it; the folders only sort its files.
        ["TokenBudget.Testing"] = "TokenBudget.Testing",
        // One thing with few public types: the folders only show its four parts.
        ["TokenBudget.Tokenization"] = "TokenBudget.Tokenization",
        // Compiled into both stores, so it carries neither's name.
        ["TokenBudget.Sqlite/Relational"] = "TokenBudget.Relational",
    };

    // Where the framework looks for extension methods.
    private static readonly string[] ExtensionNamespaces = ["Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.AI", "Microsoft.AspNetCore.Builder"];

    [Fact]
    public void The_sources_are_found() => SourceFile.All.Select(static file => file.Project).Distinct().Count().ShouldBeGreaterThanOrEqualTo(7);

    [Fact]
    public void Public_types_are_sealed_static_abstract_or_values()
    {
        var classes = SourceFile.All
            .SelectMany(static file => file.Types.Where(IsPublic).OfType<TypeDeclarationSyntax>().Select(type => (File: file, Type: type)))
            .Where(static found => found.Type is ClassDeclarationSyntax || found.Type.IsKind(SyntaxKind.RecordDeclaration))
            // Parts of a partial class need to say it once.
            .GroupBy(static found => (found.File.Project, found.File.Namespace, Name: NameOf(found.Type)));

        classes
            .Where(static parts => !parts.Any(static part => part.Type.Modifiers.Any(static modifier =>
                modifier.IsKind(SyntaxKind.SealedKeyword) || modifier.IsKind(SyntaxKind.StaticKeyword) || modifier.IsKind(SyntaxKind.AbstractKeyword))))
            .Select(static parts => $"{parts.Key.Namespace}.{parts.Key.Name}")
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_file_has_one_public_type_at_most_and_its_name()
    {
        foreach (var file in SourceFile.All)
        {
            var types = file.Types.Where(static type => type.Parent is not TypeDeclarationSyntax && IsPublic(type)).Select(NameOf).ToList();
            types.Count.ShouldBeLessThanOrEqualTo(1, $"{file}: {string.Join(", ", types)}");
            foreach (var type in types)
                file.Name.Split('.', '{')[0].ShouldBe(type.Split('<')[0], file.ToString());
        }
    }

    [Fact]
    public void No_file_is_long() =>
        SourceFile.All
            .Where(static file => file.Text.AsSpan().Count('\n') > MaxLines)
            .Select(static file => file.ToString())
            .ShouldBeEmpty();

    [Fact]
    public void Namespaces_are_folders()
    {
        SourceFile.All
            .Where(static file => file.Namespace is { } declared && declared != Expected(file) && !IsExtension(file, declared) && !IsPolyfill(file, declared))
            .Select(static file => $"{file} declares {file.Namespace} instead of {Expected(file)}")
            .ShouldBeEmpty();
    }

    private static string Expected(SourceFile file)
    {
        var folder = string.Join('/', [file.Project, .. file.Folders]);
        return OtherNamespaces.TryGetValue($"{folder}/{file.Name}", out var exact) || OtherNamespaces.TryGetValue(folder, out exact) || OtherNamespaces.TryGetValue(file.Project, out exact)
            ? exact
            : folder.Replace('/', '.');
    }

    private static bool IsExtension(SourceFile file, string declared) =>
        ExtensionNamespaces.Contains(declared) && file.Name.EndsWith("Extensions.cs", StringComparison.Ordinal);

    /// <summary>Types the compiler looks for by name, for the old framework.</summary>
    private static bool IsPolyfill(SourceFile file, string declared) =>
        file.Folders is ["Polyfills"] && declared.Split('.')[0] == "System";

    private static bool IsPublic(MemberDeclarationSyntax type) =>
        type.Modifiers.Any(SyntaxKind.PublicKeyword) && (type.Parent is not MemberDeclarationSyntax outer || outer is BaseNamespaceDeclarationSyntax || IsPublic(outer));

    private static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        TypeDeclarationSyntax named => named.Identifier.Text + (named.TypeParameterList is null ? "" : "<>"),
        BaseTypeDeclarationSyntax named => named.Identifier.Text,
        DelegateDeclarationSyntax named => named.Identifier.Text,
        _ => throw new InvalidOperationException(type.Kind().ToString()),
    };
}
