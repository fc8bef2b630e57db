using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Declarations;

/// <summary>What a declaration means besides what is written: it changes with the project file, not with a file of code.</summary>
/// <param name="References">The assemblies.</param>
/// <param name="AssemblyName">The project's own.</param>
/// <param name="Language">The version of the language.</param>
/// <param name="Nullable">What a reference type is where the code says nothing.</param>
internal sealed record ProjectVersion(ReferenceSet References, string? AssemblyName, LanguageVersion Language, NullableContextOptions Nullable)
{
    public static IncrementalValueProvider<ProjectVersion> Of(IncrementalValueProvider<Compilation> compilation, IncrementalValueProvider<ReferenceSet> references) =>
        compilation
            .Select(static (compilation, _) => (compilation.AssemblyName, ((CSharpCompilation)compilation).LanguageVersion, compilation.Options.NullableContextOptions))
            .Combine(references)
            .Select(static (pair, _) => new ProjectVersion(pair.Right, pair.Left.AssemblyName, pair.Left.LanguageVersion, pair.Left.NullableContextOptions));
}
