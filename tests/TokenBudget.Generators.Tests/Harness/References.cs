using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>What a test's source is compiled against: everything the test process itself was started with.</summary>
internal static class References
{
    public static IReadOnlyList<MetadataReference> All { get; } = Load();

    public static IReadOnlyList<MetadataReference> Without(string assembly) =>
        [.. All.Where(reference => !Path.GetFileNameWithoutExtension(reference.Display!).Equals(assembly, StringComparison.Ordinal))];

    private static List<MetadataReference> Load()
    {
        var paths = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        // A user's project does not reference the generator; and its linked tokenizer would be there twice.
        return [.. paths
            .Where(path => !Path.GetFileName(path).StartsWith("TokenBudget.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];
    }
}
