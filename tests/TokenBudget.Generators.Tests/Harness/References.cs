using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>What a test's source is compiled against: everything the test process itself was started with.</summary>
internal static class References
{
    public static IReadOnlyList<MetadataReference> All { get; } = Load();

    /// <summary>
    /// Enough for what most sources use. A test process has hundreds, and each new compilation looks for its names in all of them: for tests that make thousands, which hold that it is enough.
    /// </summary>
    public static IReadOnlyList<MetadataReference> Few { get; } =
    [
        .. All.Where(static reference => Path.GetFileNameWithoutExtension(reference.Display!) is var name
            && (name is "System.Private.CoreLib" or "System.Runtime" or "System.Collections" or "System.Collections.Concurrent" or "System.Linq" or "System.Console" or "System.Net.Http" or "System.Memory"
                or "System.Text.Json" or "System.Net.Primitives" or "System.ComponentModel.Primitives" or "System.ComponentModel" or "TokenBudget" or "TokenBudget.Tokenization" or "Anthropic"
                || name.StartsWith("System.Threading", StringComparison.Ordinal) || name.StartsWith("System.Diagnostics", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions", StringComparison.Ordinal))),
    ];

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
