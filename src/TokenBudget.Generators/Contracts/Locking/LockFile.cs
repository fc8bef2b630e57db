using System.Globalization;
using System.Text;

namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>
/// The file a project's contracts are kept in: a JSON object with a line for each method, sorted, and the version of the form. The version stands last, so that every line of a method
/// ends alike and two branches that each add one can be merged, line by line, into what the tool itself would write.
/// </summary>
internal sealed class LockFile
{
    /// <summary>Its name, unless the project gives it another.</summary>
    public const string FileName = "tokenbudget.lock.json";

    /// <summary>The version of the form.</summary>
    public const int Version = 1;

    private const string VersionName = "version";

    private readonly Dictionary<string, LockedContract> _contracts;

    private LockFile(Dictionary<string, LockedContract> contracts) => _contracts = contracts;

    /// <summary>Its lines.</summary>
    public IEnumerable<LockedContract> Contracts => _contracts.Values;

    /// <summary>The line of a method; null without one.</summary>
    public LockedContract? Find(string assembly, string method) => _contracts.TryGetValue(KeyOf(assembly, method), out var contract) ? contract : null;

    /// <summary>What a method's line begins with.</summary>
    public static string KeyOf(string assembly, string method) => $"{assembly}/{method}";

    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonTreeException">It is none; with the place and the reason, for a reader.</exception>
    public static LockFile Read(string text)
    {
        if (ConflictIn(text) is { } conflict)
            throw new JsonTreeException("it has merge conflicts", conflict);
        var isVersioned = false;
        var contracts = new Dictionary<string, LockedContract>(StringComparer.Ordinal);
        foreach (var member in Members(text))
        {
            if (member.Name == VersionName)
            {
                if (member.Value is not decimal version)
                    throw new JsonTreeException("its version is no number", member.Start);
                if (version != Version)
                    throw new JsonTreeException($"it is of version {Text(version)}, and this TokenBudget reads version {Text(Version)}", member.Start);
                isVersioned = true;
                continue;
            }

            var slash = member.Name.IndexOf('/');
            if (slash <= 0 || slash == member.Name.Length - 1 || member.Value is not Dictionary<string, object?> facts)
                throw new JsonTreeException("this is no contract of a method", member.Start);
            if (contracts.ContainsKey(member.Name))
                throw new JsonTreeException("this method is there twice", member.Start);
            contracts.Add(member.Name, new LockedContract(
                member.Name.Substring(0, slash),
                member.Name.Substring(slash + 1),
                ContractFacts.Of(facts),
                OneLine(text.Substring(member.ValueStart, member.End - member.ValueStart)),
                member.Start,
                member.End));
        }

        return isVersioned ? new LockFile(contracts) : throw new JsonTreeException("it has no version", 0);
    }

    /// <summary>The text of a file.</summary>
    /// <param name="contracts">The JSON of each contract by its key.</param>
    public static string Write(IEnumerable<KeyValuePair<string, string>> contracts)
    {
        var text = new StringBuilder("{\n");
        foreach (var pair in contracts.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            text.Append("  ").Append(ContractJson.Quote(pair.Key)).Append(": ").Append(pair.Value).Append(",\n");
        return text.Append("  \"").Append(VersionName).Append("\": ").Append(Text(Version)).Append("\n}\n").ToString();
    }

    /// <summary>The text of a file with some of its contracts changed.</summary>
    /// <param name="text">The file as it is.</param>
    /// <param name="changes">The JSON of each contract by its key; null for one that is gone.</param>
    /// <exception cref="JsonTreeException">The file cannot be read.</exception>
    public static string Change(string text, IReadOnlyDictionary<string, string?> changes) => Write(
        Read(text).Contracts.Where(contract => !changes.ContainsKey(contract.Key)).Select(static contract => new KeyValuePair<string, string>(contract.Key, contract.Json))
            .Concat(changes.Where(static change => change.Value is not null).Select(static change => new KeyValuePair<string, string>(change.Key, change.Value!))));

    /// <summary>A contract that somebody laid out on several lines has one again.</summary>
    private static string OneLine(string json) => json.IndexOf('\n') < 0 ? json : string.Concat(json.Split('\n').Select(static line => line.Trim()));

    private static IReadOnlyList<JsonMember> Members(string text)
    {
        try
        {
            return JsonTree.ReadMembers(text);
        }
        catch (JsonTreeException exception)
        {
            throw new JsonTreeException("it is not the JSON that 'tokenbudget lock' writes", exception.At);
        }
    }

    /// <summary>Where a merge left its marks.</summary>
    private static int? ConflictIn(string text)
    {
        for (var line = 0; line < text.Length;)
        {
            if (string.CompareOrdinal(text, line, "<<<<<<<", 0, 7) == 0 || string.CompareOrdinal(text, line, ">>>>>>>", 0, 7) == 0)
                return line;
            var end = text.IndexOf('\n', line);
            line = end < 0 ? text.Length : end + 1;
        }

        return null;
    }

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
