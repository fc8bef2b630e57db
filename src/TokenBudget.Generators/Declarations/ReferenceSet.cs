using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// Stands for the assemblies a project references: another object for others. It does not hold them, because a reference to another project holds the whole
/// of its compilation.
/// </summary>
internal sealed class ReferenceSet
{
    private volatile object? _hasServiceCollection;

    // Not by the provider of references: that one goes through the hundreds of them at every keystroke, and compilations made of each other share one array.
    public static IncrementalValueProvider<ReferenceSet> Of(IncrementalValueProvider<Compilation> compilation) => compilation
        .Select(static (compilation, _) => compilation.ExternalReferences)
        .WithComparer(SequenceComparer<MetadataReference>.Instance)
        .Select(static (_, _) => new ReferenceSet());

    /// <summary>Whether a registration can be written. Looked up once: there are hundreds of assemblies, and a keystroke changes none.</summary>
    /// <param name="compilation">A compilation with these references.</param>
    public bool HasServiceCollection(Compilation compilation) =>
        (bool)(_hasServiceCollection ??= compilation.SourceModule.ReferencedAssemblySymbols.Any(
            static assembly => assembly.GetTypeByMetadataName(WellKnownNames.ServiceCollection) is { DeclaredAccessibility: Accessibility.Public }));
}
