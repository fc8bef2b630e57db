using System.Xml.Linq;

namespace TokenBudget.Architecture.Tests;

/// <summary>A project of <c>src/</c> as its file says it.</summary>
internal sealed class ProjectFile
{
    private readonly XDocument _xml;

    private ProjectFile(string path)
    {
        Path = path;
        Name = System.IO.Path.GetFileNameWithoutExtension(path);
        _xml = XDocument.Load(path);
    }

    public static IReadOnlyList<ProjectFile> All { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(static path => new ProjectFile(path))];

    public string Name { get; }

    public string Path { get; }

    /// <summary>Everything of others that is compiled in, referenced or packed.</summary>
    public IEnumerable<(string Kind, string Target)> Arrows =>
    [
        .. Items("ProjectReference").Select(static item => ("project", System.IO.Path.GetFileNameWithoutExtension(item))),
        .. Items("PackageReference").Select(static item => ("package", item)),
        .. Items("FrameworkReference").Select(static item => ("framework", item)),
        .. Items("Reference").Select(static item => ("file", item)),
        // What is compiled from another project's folder is an arrow too.
        .. Items("Compile").Where(static item => item.StartsWith("../", StringComparison.Ordinal)).Select(static item => ("source", item[3..])),
    ];

    private IEnumerable<string> Items(string kind) =>
        _xml.Descendants(kind).Select(static item => item.Attribute("Include")?.Value).OfType<string>().SelectMany(static value => value.Split(';')).Select(static value => value.Trim());
}
