namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Code generated of a Razor page: what a user wrote in it is marked by <c>#line</c> directives that name the page.</summary>
internal static class RazorPage
{
    public static bool Made(SyntaxTree tree) =>
        tree.FilePath.EndsWith(".razor.g.cs", StringComparison.OrdinalIgnoreCase)
        || tree.FilePath.EndsWith("_razor.g.cs", StringComparison.OrdinalIgnoreCase)
        || tree.FilePath.EndsWith("cshtml.g.cs", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a user can see a place: it is in code that is not generated, or in the page itself.</summary>
    public static bool Shows(Location location) =>
        location.SourceTree is { } tree && (!Made(tree) || location.GetMappedLineSpan().HasMappedPath);
}
