using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// Stands for the assemblies a project references: another object for others. It does not hold them, because a reference to another project holds the whole
/// of its compilation.
/// </summary>
internal sealed class ReferenceSet
{
    private volatile object? _hasServiceCollection;

    public static IncrementalValueProvider<ReferenceSet> Of(IncrementalGeneratorInitializationContext context) =>
        context.MetadataReferencesProvider.Collect().Select(static (_, _) => new ReferenceSet());

    /// <summary>Whether a registration can be written. Looked up once: there are hundreds of assemblies, and a keystroke changes none.</summary>
    /// <param name="compilation">A compilation with these references.</param>
    public bool HasServiceCollection(Compilation compilation) =>
        (bool)(_hasServiceCollection ??= compilation.SourceModule.ReferencedAssemblySymbols.Any(
            static assembly => assembly.GetTypeByMetadataName(WellKnownNames.ServiceCollection) is { DeclaredAccessibility: Accessibility.Public }));
}
