using System.Reflection;
using System.Text.Json;

namespace TokenBudget.Cli.Contracts;

/// <summary>Writes a log of SARIF 2.1.0 (OASIS), the form that code scanning reads.</summary>
internal static class SarifLog
{
    private const string Docs = "https://github.com/tokenbudget/tokenbudget/blob/main/docs/";

    public static string Write(IReadOnlyList<SarifResult> results)
    {
        var rules = results.Select(static result => result.Rule).Distinct().OrderBy(static rule => rule.Id, StringComparer.Ordinal).ToList();
        return IndentedJson.Object(json =>
        {
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, rules);
            json.WriteStartArray("results");
            foreach (var result in results)
                WriteResult(json, result, rules.IndexOf(result.Rule));
            json.WriteEndArray();
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    private static void WriteTool(Utf8JsonWriter json, List<SarifRule> rules)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "TokenBudget");
        json.WriteString("semanticVersion", Version());
        json.WriteString("informationUri", Docs + "policies/contracts.md");
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Id);
            json.WriteString("name", rule.Name);
            WriteText(json, "shortDescription", rule.Title);
            json.WriteString("helpUri", Docs + rule.Page);
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", LevelOf(rule));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, SarifResult result, int rule)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", result.Rule.Id);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("kind", result.Rule.IsProblem ? "fail" : "informational");
        json.WriteString("level", LevelOf(result.Rule));
        WriteText(json, "message", result.Message);
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", UriOf(result.File));
        json.WriteEndObject();
        if (result.Line is { } line)
        {
            json.WriteStartObject("region");
            json.WriteNumber("startLine", line);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        json.WriteString("fullyQualifiedName", result.Method);
        json.WriteString("kind", "function");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("contract/v1", result.Fingerprint);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    /// <summary>The standard wants "none" wherever the kind is another than "fail".</summary>
    private static string LevelOf(SarifRule rule) => rule.IsProblem ? "warning" : "none";

    private static string UriOf(string file) => Path.IsPathRooted(file)
        ? new Uri(file).AbsoluteUri
        : string.Join('/', file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Select(Uri.EscapeDataString));

    private static string Version() => typeof(SarifLog).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
