using System.Collections.Frozen;
using System.Reflection;

namespace TokenBudget.AspNetCore.Page;

/// <summary>The files of the dashboard, as they were compiled into an assembly.</summary>
internal sealed class DashboardFiles
{
    private const string Prefix = "dashboard/";
    private const string Page = "index.html";
    private const string NotBuilt = "not-built.html";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, (string Type, byte[] Content)> _files;

    /// <param name="assembly">What holds them; unset, this one.</param>
    public DashboardFiles(Assembly? assembly = null)
    {
        assembly ??= typeof(DashboardFiles).Assembly;
        var files = new Dictionary<string, (string, byte[])>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files[resource[Prefix.Length..]] = (Types[Path.GetExtension(resource)], content);
        }

        _files = files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether the dashboard was compiled when this assembly was.</summary>
    public bool IsBuilt => _files.ContainsKey(Page);

    /// <summary>The page, or the one that says how to get it.</summary>
    public (string Type, byte[] Content) Index => _files[IsBuilt ? Page : NotBuilt];

    /// <summary>A file the page asks for; pages themselves are not among them.</summary>
    public (string Type, byte[] Content)? Find(string name) =>
        _files.TryGetValue(name, out var file) && Path.GetExtension(name) != ".html" ? file : null;
}
