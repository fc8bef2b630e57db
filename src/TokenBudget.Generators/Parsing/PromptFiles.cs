using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>
/// Puts the texts of files into the methods that name them. A step of its own behind the parse, so that an edit of a prompt parses
/// no interface again, and one of an interface reads no file.
/// </summary>
internal static class PromptFiles
{
    private static readonly string[] Extensions = [".md", ".txt", ".prompt"];

    public static IncrementalValueProvider<EquatableArray<PromptFile>> Of(IncrementalValuesProvider<AdditionalText> files) => files
        .Where(static file => HasPromptExtension(file.Path))
        .Select(static (file, cancellationToken) => Read(file, cancellationToken))
        .Collect()
        .Select(static (read, _) => read.ToEquatableArray());

    public static EquatableArray<PromptFile> Of(ImmutableArray<AdditionalText> files, CancellationToken cancellationToken)
    {
        var read = new List<PromptFile>();
        foreach (var file in files)
            if (HasPromptExtension(file.Path))
                read.Add(Read(file, cancellationToken));
        return read.ToEquatableArray();
    }

    /// <summary>The agent with every prompt in place. A method whose file is not there, or does not fit, becomes one that throws.</summary>
    public static AgentModel Into(AgentModel agent, EquatableArray<PromptFile> files)
    {
        var members = new List<MemberModel>();
        var isChanged = false;
        foreach (var member in agent.Members)
        {
            if (member is not CallModel { HasFiles: true } call)
            {
                members.Add(member);
                continue;
            }

            isChanged = true;
            if (Into(call, files, out _) is { } whole)
                members.Add(whole);
            else
                members.Add(new RefusedMethodModel(WithoutDefaults(call.Signature), call.ExplicitInterface ?? call.InnerInterface ?? agent.Interface));
        }

        return isChanged ? agent with { Members = members.ToEquatableArray() } : agent;
    }

    /// <summary>The method with its prompts in place; null, with the problem, when they cannot be.</summary>
    public static CallModel? Into(CallModel call, EquatableArray<PromptFile> files, out string? problem)
    {
        problem = null;
        if (call.SystemPromptFile is { } systemName)
        {
            if (Find(files, systemName, out problem) is not { } text)
                return null;
            call = call with { SystemPrompt = text, SystemPromptFile = null };
        }

        var parameters = new List<ParameterModel>(call.Signature.Parameters);
        var leading = new List<LeadingMessage>();
        foreach (var message in call.Leading)
        {
            var parts = message.File is { } file ? Bind(files, file, parameters, out problem) : message.Parts;
            if (problem is not null)
                return null;
            leading.Add(new LeadingMessage(message.IsAssistant, parts, File: null));
        }

        var prompt = call.PromptFile is { } name ? Bind(files, name, parameters, out problem) : call.Prompt;
        return problem is not null ? null : call with
        {
            Prompt = prompt,
            Leading = leading.ToEquatableArray(),
            PromptFile = null,
            Signature = call.Signature with { Parameters = parameters.ToEquatableArray() },
        };
    }

    private static EquatableArray<PromptPart> Bind(EquatableArray<PromptFile> files, string name, List<ParameterModel> parameters, out string? problem)
    {
        if (Find(files, name, out problem) is not { } template)
            return default;
        var parts = PromptBinder.Bind(template, parameters, out problem);
        if (problem is not null)
            problem = $"'{name}': {problem}";
        return parts.ToEquatableArray();
    }

    private static string? Find(EquatableArray<PromptFile> files, string name, out string? problem)
    {
        PromptFile? found = null;
        foreach (var file in files)
        {
            if (!IsNamed(file.Path, name))
                continue;
            if (found is not null)
            {
                problem = $"its prompt file '{name}' could be {found.Path} or {file.Path}; write more of the path";
                return null;
            }

            found = file;
        }

        problem = found switch
        {
            null => $"its prompt file '{name}' is not there; add it to the project as <AdditionalFiles Include=\"…\" />, ending in {string.Join(", ", Extensions)}",
            { Text: null } => $"its prompt file '{name}' cannot be read",
            { Text: "" } => $"its prompt file '{name}' is empty",
            _ => null,
        };
        return problem is null ? found!.Text : null;
    }

    /// <summary>Whether a path ends in a name, whole folders at a time, whatever slashes and case they are written in.</summary>
    private static bool IsNamed(string path, string name)
    {
        var whole = path.Replace('\\', '/');
        var end = name.Replace('\\', '/');
        if (end.StartsWith("./", StringComparison.Ordinal))
            end = end.Substring(2);
        return whole.EndsWith(end, StringComparison.OrdinalIgnoreCase) && (whole.Length == end.Length || whole[whole.Length - end.Length - 1] == '/');
    }

    private static bool HasPromptExtension(string path)
    {
        foreach (var extension in Extensions)
            if (path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static PromptFile Read(AdditionalText file, CancellationToken cancellationToken) =>
        new(file.Path, file.GetText(cancellationToken)?.ToString().Replace("\r\n", "\n").TrimEnd('\n'));

    private static SignatureModel WithoutDefaults(SignatureModel signature)
    {
        var parameters = new List<ParameterModel>();
        foreach (var parameter in signature.Parameters)
            parameters.Add(parameter with { DefaultValue = null });
        return signature with { Parameters = parameters.ToEquatableArray() };
    }
}
