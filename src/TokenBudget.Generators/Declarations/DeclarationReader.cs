using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>Reads what a file declares, by its syntax alone. It runs for the edited file at every keystroke, so no symbol is asked for.</summary>
internal static class DeclarationReader
{
    private static readonly HashSet<string> Marks = [.. Parsing.AgentSource.Marks.SelectMany(static name => NamesOf(name))];

    public static FileDeclarations Read(SyntaxTree tree, CancellationToken cancellationToken)
    {
        if (tree.GetRoot(cancellationToken) is not CompilationUnitSyntax root)
            return new FileDeclarations(default, default, default, default, Shared: null);
        var spaces = new List<BaseNamespaceDeclarationSyntax>();
        var types = new List<MemberDeclarationSyntax>();
        Collect(root.Members, spaces, types);
        var usings = root.Usings.Concat(spaces.SelectMany(static space => space.Usings)).ToList();
        var isGlobal = usings.ToLookup(static directive => directive.GlobalKeyword.IsKind(SyntaxKind.GlobalKeyword));
        var aliases = new HashSet<string>(AliasesOf(isGlobal[false]));

        // Nullability is switched for what follows, also behind a body: such a file is taken as it is.
        var before = root.GetFirstDirective(static directive => directive.IsKind(SyntaxKind.NullableDirectiveTrivia)) is null
            ? root.Externs.ToString()
            : root.ToFullString();

        var declared = new List<DeclaredType>();
        var interfaces = new List<AttributedInterface>();
        foreach (var type in types)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var written = new DeclarationText(before).Add(SpaceOf(type)).Add(isGlobal[false]).Add(type);
            var read = written.ToType();
            declared.Add(read);
            interfaces.AddRange(written.Interfaces.Select(found => InterfaceOf(found, read, aliases)).OfType<AttributedInterface>());
        }

        var isShared = root.AttributeLists.Count > 0 || isGlobal[true].Any();
        return new FileDeclarations(
            declared.ToEquatableArray(),
            interfaces.ToEquatableArray(),
            spaces.Select(NameOf).ToEquatableArray(),
            AliasesOf(isGlobal[true]).ToEquatableArray(),
            isShared ? new DeclarationText(before).Add(usings).Add(root.AttributeLists).ToType() : null);
    }

    /// <summary>An attribute's name as it is written, with and without its last word.</summary>
    private static IEnumerable<string> NamesOf(string metadataName)
    {
        const string Suffix = "Attribute";
        var name = metadataName.Substring(metadataName.LastIndexOf('.') + 1);
        return [name, name.Substring(0, name.Length - Suffix.Length)];
    }

    private static void Collect(SyntaxList<MemberDeclarationSyntax> members, List<BaseNamespaceDeclarationSyntax> spaces, List<MemberDeclarationSyntax> types)
    {
        foreach (var member in members)
        {
            if (member is BaseNamespaceDeclarationSyntax space)
            {
                spaces.Add(space);
                Collect(space.Members, spaces, types);
            }
            else if (member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            {
                types.Add(member);
            }
        }
    }

    private static AttributedInterface? InterfaceOf(InterfaceDeclarationSyntax type, DeclaredType outermost, HashSet<string> aliases)
    {
        var attributes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var list in type.AttributeLists.Concat(type.Members.OfType<MethodDeclarationSyntax>().SelectMany(static method => method.AttributeLists)))
            foreach (var attribute in list.Attributes)
                attributes.Add(DeclarationText.LastName(attribute.Name));
        return attributes.Count == 0
            ? null
            : new AttributedInterface(MetadataName(type), attributes.Overlaps(Marks) || attributes.Overlaps(aliases), attributes.ToEquatableArray(), outermost);
    }

    private static string MetadataName(TypeDeclarationSyntax type)
    {
        var arity = type.TypeParameterList is { Parameters.Count: > 0 and var count } ? "`" + count.ToString(CultureInfo.InvariantCulture) : "";
        var name = type.Identifier.ValueText + arity;
        if (type.Parent is TypeDeclarationSyntax outer)
            return MetadataName(outer) + "+" + name;
        return SpaceOf(type) is { Length: > 0 } space ? space + "." + name : name;
    }

    private static string SpaceOf(SyntaxNode node) => node.Parent is BaseNamespaceDeclarationSyntax space ? NameOf(space) : "";

    private static string NameOf(BaseNamespaceDeclarationSyntax space)
    {
        var own = string.Join(".", space.Name.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Select(static name => name.Identifier.ValueText));
        return SpaceOf(space) is { Length: > 0 } outer ? outer + "." + own : own;
    }

    private static IEnumerable<string> AliasesOf(IEnumerable<UsingDirectiveSyntax> usings) =>
        usings.Select(static directive => directive.Alias?.Name.Identifier.ValueText).OfType<string>();
}
