using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>Collects declarations token by token: what they say, which names they declare and which they mention.</summary>
/// <param name="before">What else belongs to what they say.</param>
internal sealed class DeclarationText(string before)
{
    private readonly StringBuilder _text = new StringBuilder(before).Append('\n');
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _mentions = new(StringComparer.Ordinal);

    /// <summary>The interfaces that were added.</summary>
    public List<InterfaceDeclarationSyntax> Interfaces { get; } = [];

    public DeclarationText Add(string text)
    {
        _text.Append(text).Append('\n');
        return this;
    }

    public DeclarationText Add(IEnumerable<SyntaxNode> nodes)
    {
        foreach (var node in nodes)
            Add(node);
        return this;
    }

    public DeclarationText Add(SyntaxNode declaration)
    {
        // Not by recursion: an expression may be nested thousands deep.
        Note(declaration);
        foreach (var item in declaration.DescendantNodesAndTokens(static node => !IsBody(node)))
        {
            if (item.AsNode() is { } node)
                Note(node);
            else
                _text.Append(item.AsToken().Text).Append(' ');
        }

        return this;
    }

    public DeclaredType ToType()
    {
        using var hash = SHA256.Create();
        return new DeclaredType(
            _names.ToEquatableArray(),
            _mentions.ToEquatableArray(),
            Convert.ToBase64String(hash.ComputeHash(Encoding.Unicode.GetBytes(_text.ToString()))));
    }

    /// <summary>The last part of a name: what an attribute is called.</summary>
    public static string LastName(NameSyntax name) => name switch
    {
        QualifiedNameSyntax qualified => qualified.Right.Identifier.ValueText,
        AliasQualifiedNameSyntax qualified => qualified.Name.Identifier.ValueText,
        SimpleNameSyntax simple => simple.Identifier.ValueText,
        _ => "",
    };

    private void Note(SyntaxNode node)
    {
        switch (node)
        {
            case SimpleNameSyntax name:
                _mentions.Add(name.Identifier.ValueText);
                break;
            case AttributeSyntax attribute:
                _mentions.Add(LastName(attribute.Name) + "Attribute");
                break;
            case DelegateDeclarationSyntax type:
                _names.Add(type.Identifier.ValueText);
                break;
            case BaseTypeDeclarationSyntax type:
                _names.Add(type.Identifier.ValueText);
                if (type is InterfaceDeclarationSyntax found)
                    Add(found);
                break;
            default:
                // That there is a body tells a default implementation from an abstract member.
                if (IsBody(node))
                    _text.Append("{ } ");
                break;
        }
    }

    /// <summary>An interface, and the class that may be made of it: a type of that name stands in its way.</summary>
    private void Add(InterfaceDeclarationSyntax found)
    {
        Interfaces.Add(found);
        if (found.AttributeLists.Count == 0 && !found.Members.Any(static member => member.AttributeLists.Count > 0))
            return;
        var name = found.Identifier.ValueText;
        name = name.Length > 1 && name[0] == 'I' ? name.Substring(1) : name;
        for (var outer = found.Parent as TypeDeclarationSyntax; outer is not null; outer = outer.Parent as TypeDeclarationSyntax)
            name = outer.Identifier.ValueText + name;
        _mentions.Add(name);
        _mentions.Add("Budgeted" + name);
    }

    /// <summary>What no other declaration can see the inside of.</summary>
    private static bool IsBody(SyntaxNode node) => node switch
    {
        BlockSyntax or ArrowExpressionClauseSyntax => true,
        EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax } => true,
        EqualsValueClauseSyntax { Parent.Parent.Parent: FieldDeclarationSyntax field } => !field.Modifiers.Any(SyntaxKind.ConstKeyword),
        _ => false,
    };
}
