using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// What all files declare. A name can only mean what is declared under it, here or in a reference: so an interface depends on the declarations of the
/// names it mentions, of those these mention, and so on. That may be too many, when two types share a name, but never too few.
/// </summary>
internal sealed class ProjectDeclarations
{
    private readonly List<DeclaredType> _types = [];
    private readonly Dictionary<string, List<int>> _byName = [];
    // Two files may say the same, word by word; they still are two.
    private readonly Dictionary<DeclaredType, int> _index = new(ReferenceComparer<DeclaredType>.Instance);
    private readonly List<int>?[] _mentioned;
    private readonly ImmutableArray<FileDeclarations> _files;
    private readonly List<int> _shared;
    private readonly string _before;

    public ProjectDeclarations(ImmutableArray<FileDeclarations> files)
    {
        _files = files;
        foreach (var file in files)
            foreach (var type in file.Types)
                Add(type);
        _mentioned = new List<int>?[_types.Count];

        var shared = files.Select(static file => file.Shared).OfType<DeclaredType>().ToList();
        _shared = [.. shared.SelectMany(static type => type.Mentions).Distinct().SelectMany(Declared)];
        var spaces = new SortedSet<string>(files.SelectMany(static file => file.Namespaces), StringComparer.Ordinal);
        _before = string.Join("\n", [.. spaces, .. shared.Select(static type => type.Version)]);
    }

    /// <summary>The interfaces that are probably agents, each once, in the order of the files.</summary>
    public IEnumerable<AgentCandidate> Candidates(ProjectVersion version, CancellationToken cancellationToken)
    {
        var aliases = new HashSet<string>(_files.SelectMany(static file => file.GlobalAliases));
        var names = new HashSet<string>();
        foreach (var found in _files.SelectMany(static file => file.Interfaces))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((found.IsMarked || aliases.Overlaps(found.Attributes)) && names.Add(found.MetadataName))
                yield return new AgentCandidate(found.MetadataName, VersionOf(found.Type), version);
        }
    }

    private void Add(DeclaredType type)
    {
        _index[type] = _types.Count;
        foreach (var name in type.Names)
        {
            if (!_byName.TryGetValue(name, out var types))
                _byName.Add(name, types = []);
            types.Add(_types.Count);
        }

        _types.Add(type);
    }

    /// <summary>The version of a type and of all it can mean, itself in other parts included.</summary>
    private string VersionOf(DeclaredType type)
    {
        var seen = new HashSet<int>();
        var open = new Queue<int>();
        Open([_index[type]]);
        Open(_shared);
        var text = new StringBuilder(_before);
        while (open.Count > 0)
        {
            var next = open.Dequeue();
            text.Append('\n').Append(_types[next].Version);
            Open(_mentioned[next] ??= [.. _types[next].Names.Concat(_types[next].Mentions).Distinct().SelectMany(Declared)]);
        }

        using var hash = SHA256.Create();
        return Convert.ToBase64String(hash.ComputeHash(Encoding.UTF8.GetBytes(text.ToString())));

        void Open(List<int> types)
        {
            foreach (var index in types)
                if (seen.Add(index))
                    open.Enqueue(index);
        }
    }

    private IEnumerable<int> Declared(string name) => _byName.TryGetValue(name, out var types) ? types : [];
}
