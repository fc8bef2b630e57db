using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes the tools of a type as functions: literals and one call each, no reflection.</summary>
internal static class ToolEmitter
{
    private const string Instance = "instance";
    private const string Given = "arguments";
    private const string Token = "cancellationToken";

    /// <summary>The method that makes the tools of a type.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="set">The tools.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="json">The field of the options that read and write JSON; null, the usual ones do.</param>
    public static void Emit(SourceWriter writer, ToolSetModel set, string method, string? json)
    {
        writer.Line();
        writer.Line($"private static {Names.Tool}[] {method}({(set.NeedsInstance ? $"{set.Type} {Instance}" : "")}) => new {Names.Tool}[]");
        writer.Indent("{");
        foreach (var tool in set.Tools)
            Emit(writer, tool, json is null ? "" : json + ", ");
        writer.Close(";");
    }

    private static void Emit(SourceWriter writer, ToolModel tool, string json)
    {
        writer.Line(tool.NeedsApproval ? $"new {Names.ApprovalRequired}(new {Names.ToolFunction}(" : $"new {Names.ToolFunction}(");
        writer.Line($"    {PolicyEmitter.Quote(tool.Name)},");
        writer.Line($"    {PolicyEmitter.Quote(tool.Description)},");
        writer.Line($"    {Names.Json(tool.Schema)},");
        var lambda = $"{Lambda(tool, json)}){(tool.NeedsApproval ? ")" : "")},";
        foreach (var line in lambda.Split('\n'))
            writer.Line("    " + line);
    }

    private static string Lambda(ToolModel tool, string json)
    {
        var receiver = tool.IsStatic ? tool.Receiver : tool.Receiver is { } declaring ? $"(({declaring}){Instance})" : Instance;
        var call = $"{receiver}.{tool.Method}({Arguments(tool, json)})";
        var head = $"{(tool.IsStatic ? "static " : "")}{(tool.IsAsync ? "async " : "")}({Given}, {Token}) =>";
        return (tool.IsAsync, tool.HasResult) switch
        {
            (true, true) => $"{head} {Names.ToolFunction}.Result({json}await {call}.ConfigureAwait(false))",
            (true, false) => $"{head} {{ await {call}.ConfigureAwait(false); return null; }}",
            (false, true) => $"{head} new {Names.ValueTask}<object?>({Names.ToolFunction}.Result({json}{call}))",
            _ => $"{head} {{ {call}; return default; }}",
        };
    }

    private static string Arguments(ToolModel tool, string json)
    {
        var arguments = new List<string>();
        foreach (var parameter in tool.Arguments)
        {
            var otherwise = parameter.DefaultValue is { } value ? $", {value}" : "";
            arguments.Add(parameter.Role == ParameterRole.Cancellation
                ? Token
                : $"{Names.ToolFunction}.Argument<{parameter.Type}>({json}{Given}, {PolicyEmitter.Quote(parameter.Name)}{otherwise})");
        }

        // Several stand one to a line: each names its type and its default.
        return arguments.Count > 1 ? "\n    " + string.Join(",\n    ", arguments) : string.Concat(arguments);
    }
}
