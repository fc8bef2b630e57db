using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests;

/// <summary>
/// What users can name is written down in <c>src/TokenBudget/PublicAPI.txt</c>, one line each, so that a change of it is seen in review.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly SymbolDisplayFormat Format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeRef,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: SymbolDisplayKindOptions.IncludeTypeKeyword,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    [Fact]
    public void What_users_can_name_is_written_down()
    {
        var path = Repository.PathOf("src/TokenBudget/PublicAPI.txt");
        var written = File.ReadAllLines(path);
        var compilation = TestCompilation.Create("");
        var reference = compilation.References.Single(static reference => Path.GetFileName(reference.Display!) == "TokenBudget.dll");
        var assembly = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(reference)!;
        var found = TypesOf(assembly.GlobalNamespace).SelectMany(LinesOf).Order(StringComparer.Ordinal).ToList();

        if (found.SequenceEqual(written))
            return;
        File.WriteAllLines(path + ".received", found);
        string.Join('\n', written.Except(found).Select(static line => "- " + line).Concat(found.Except(written).Select(static line => "+ " + line)))
            .ShouldBeEmpty("If that is meant, PublicAPI.txt.received is the new file.");
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) => container.GetMembers().SelectMany(static member => member switch
    {
        INamespaceSymbol space => TypesOf(space),
        INamedTypeSymbol type when IsSeen(type) => TypesOf(type).Prepend(type),
        _ => [],
    });

    private static IEnumerable<string> LinesOf(INamedTypeSymbol type) => type.GetMembers()
        .Where(static member => IsSeen(member) && member is not INamedTypeSymbol && !IsPartOfAnother(member))
        .Select(static member => member.ToDisplayString(Format))
        .Prepend(type.ToDisplayString(Format) + (type.BaseType is { SpecialType: SpecialType.None } super ? $" : {super.ToDisplayString(Format)}" : ""));

    private static bool IsSeen(ISymbol symbol) => symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal;

    /// <summary>Accessors, and what the compiler writes for records.</summary>
    private static bool IsPartOfAnother(ISymbol member) =>
        member is IMethodSymbol { AssociatedSymbol: not null } or IMethodSymbol { Name: "<Clone>$" or "PrintMembers" or "Deconstruct" or "Equals" or "GetHashCode" or "ToString" or "op_Equality" or "op_Inequality" }
            or IPropertySymbol { Name: "EqualityContract" };
}
