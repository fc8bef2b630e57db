namespace TokenBudget.Architecture.Tests;

/// <summary>The rooms inside <c>src/TokenBudget</c>: a room stands on what it uses, and no arrow runs back up.</summary>
internal static class Rooms
{
    private const int Words = 0;
    private const int Root = 7;

    private static readonly Dictionary<string, int> Levels = new(StringComparer.Ordinal)
    {
        ["Attributes"] = Words,
        ["Caching"] = 1,
        ["RateLimiting"] = 1,
        ["Retries"] = 1,
        ["Models"] = 1,
        ["Configuration"] = 1,
        ["Telemetry"] = 1,
        ["Tokenization"] = 1,
        ["Sharing"] = 2,
        ["Counting"] = 2,
        ["Costs"] = 2,
        ["Routing"] = 2,
        ["Windowing"] = 3,
        ["Conversations"] = 4,
        ["Calls"] = 4,
        ["Summarization"] = 5,
        ["CompilerServices"] = 6,
    };

    /// <summary>The level of a file, by its path inside the project.</summary>
    /// <exception cref="KeyNotFoundException">A folder that is not in the design.</exception>
    public static int OfFile(string relativePath)
    {
        var parts = relativePath.Split('/', '\\');
        return parts.Length > 1 ? Levels[parts[0]]
            : parts[0].EndsWith("Exception.cs", StringComparison.Ordinal) ? Words
            : Root;
    }

    /// <summary>The level of a namespace of ours; none for the root namespace, which holds words and the composition root alike.</summary>
    public static int? OfNamespace(string name) =>
        name.StartsWith("TokenBudget.", StringComparison.Ordinal) ? Levels[name.Split('.')[1]] : null;
}
