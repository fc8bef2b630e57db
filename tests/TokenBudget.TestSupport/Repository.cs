using System.Runtime.CompilerServices;

namespace TokenBudget.TestSupport;

/// <summary>Where the checkout under test lies.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>TokenBudget.Generators.sln</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>The full path of a file or folder of the checkout.</summary>
    /// <param name="relative">Path from the root, with forward slashes.</param>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Find([CallerFilePath] string here = "")
    {
        // Deterministic builds map source paths to /_/, so the test's own folder is the second place to look.
        foreach (var start in new[] { Path.GetDirectoryName(here), AppContext.BaseDirectory, Environment.CurrentDirectory })
            for (var folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
                if (File.Exists(Path.Combine(folder, "TokenBudget.Generators.sln")))
                    return folder;

        throw new InvalidOperationException("TokenBudget.Generators.sln was not found above the test's folder.");
    }
}
