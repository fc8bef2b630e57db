using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Schemas;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads one method.</summary>
internal sealed class CallParser(IMethodSymbol method, AgentKind kind, bool hasJsonContext, ToolSetParser tools, IParseObserver observer)
{
    /// <summary>The method's signature, without parts in a call.</summary>
    /// <param name="isExplicit">Whether it is for an explicit implementation, which repeats neither defaults nor constraints.</param>
    public SignatureModel Signature(bool isExplicit) => Signature(ParameterParser.Signature(method.Parameters, withDefaults: !isExplicit), isExplicit);

    /// <summary>The method as a call through the budget; null, with the problem, when it cannot be one.</summary>
    public CallModel? Parse(
        INamedTypeSymbol type,
        EquatableArray<Setting> settings,
        PromptSource? systemPrompt,
        string? explicitInterface,
        string? innerInterface,
        out string? problem)
    {
        if ((problem = ShapeProblem()) is not null)
            return null;
        // What the user's own implementation returns is kept as the model's answer would be: as JSON.
        var json = kind == AgentKind.Client ? JsonDirection.Read : JsonDirection.Read | JsonDirection.Write;
        if (ReplyParser.Parse(method, json, hasJsonContext, out problem) is not { } reply)
            return null;

        var parameters = new List<ParameterModel>();
        foreach (var parameter in method.Parameters)
            parameters.Add(ParameterParser.Model(parameter, ParameterParser.Role(parameter), withDefault: explicitInterface is null));
        if ((problem = ScopeProblem(parameters) ?? ConversationProblem(parameters)) is not null)
            return null;

        var prompt = new List<PromptPart>();
        var sources = PromptsOf(method);
        PromptSource? source = sources.Count == 0 ? null : sources[sources.Count - 1];
        var leading = ReadLeading(sources, parameters, out problem);
        if (kind == AgentKind.Wrapper)
            ReadWrapped(parameters);
        else if (problem is null && source is { Text: { } template })
            prompt = PromptBinder.Bind(template, parameters, out problem);
        else
            problem ??= source is null ? ReadUserMessage(parameters) : ReadFile(source.Value);
        problem ??= Both(systemPrompt, "[SystemPrompt]") ?? sources.Select(static one => Both(one, "[Prompt]")).FirstOrDefault(static one => one is not null);
        if (problem is not null)
            return null;

        var toolSets = tools.Parse(kind == AgentKind.Client ? ToolLevels(type) : [], out problem);
        if (problem is not null)
            return null;

        var promptFile = kind == AgentKind.Client ? source?.File : null;
        ReportLimits(parameters, isPromptKnown: promptFile is null && !leading.Exists(static message => message.File is not null));
        var list = parameters.FindIndex(static parameter => parameter.Role == ParameterRole.Messages);
        ReportSummary(hasHistory: list >= 0 || (kind == AgentKind.Client && parameters.Exists(static parameter => parameter.Role == ParameterRole.Conversation)));
        return new CallModel(
            Signature(parameters.ToEquatableArray(), explicitInterface is not null),
            PolicyName(),
            reply.Kind,
            reply.Type,
            reply.CanBeNull,
            kind == AgentKind.Client ? reply.Schema : null,
            reply.IsReported,
            reply.IsValueTask,
            systemPrompt?.Text,
            prompt.ToEquatableArray(),
            leading.ToEquatableArray(),
            systemPrompt?.File,
            promptFile,
            toolSets,
            kind == AgentKind.Wrapper && list < 0 ? WithoutSummary(settings) : settings,
            list < 0 ? ListConversion.None : ParameterParser.Conversion(method.Parameters[list].Type),
            explicitInterface,
            innerInterface);
    }

    /// <summary>Where a prompt or a system prompt is written; null without the attribute.</summary>
    public static PromptSource? SourceOf(AttributeData? attribute)
    {
        if (attribute is null)
            return null;
        var text = attribute is { ConstructorArguments: [{ Kind: TypedConstantKind.Primitive, Value: string constant }] } ? constant : null;
        string? file = null;
        var isAssistant = false;
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument is { Key: "File", Value: { Kind: TypedConstantKind.Primitive, Value: string { Length: > 0 } name } })
                file = name;
            else if (argument is { Key: "Role", Value: { Kind: TypedConstantKind.Enum, Value: 1 } })
                isAssistant = true;
        }

        return new PromptSource(text, file, isAssistant);
    }

    private string? ShapeProblem()
    {
        if (method.Arity > 0)
            return "it is generic; declare one method per type";
        foreach (var parameter in method.Parameters)
            if (parameter.RefKind != RefKind.None || parameter.Type.IsRefLikeType || parameter.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
                return $"parameter '{parameter.Name}' cannot outlive the call; take it by value and as an ordinary type";
        return null;
    }

    private string? ScopeProblem(List<ParameterModel> parameters)
    {
        for (var i = 0; i < parameters.Count; i++)
            if (parameters[i].Role == ParameterRole.Scope && !IsString(i))
                return $"parameter '{parameters[i].Name}' has [CacheScope], and a tenant is named by a string";
        return null;
    }

    private string? ConversationProblem(List<ParameterModel> parameters)
    {
        var first = -1;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Role is not (ParameterRole.Conversation or ParameterRole.ConversationId))
                continue;
            if (parameters[i].Role == ParameterRole.ConversationId && !IsString(i))
                return $"parameter '{parameters[i].Name}' has [ConversationId], and a conversation is named by a string";
            if (first >= 0 && kind == AgentKind.Client)
                return $"'{parameters[first].Name}' and '{parameters[i].Name}' are two conversations, and a turn is appended to one; remove one of them";
            first = i;
        }

        return null;
    }

    /// <summary>Tools add up, those of the interface first: every method then sends the same beginning, which the provider can cache.</summary>
    private IReadOnlyList<ISymbol> ToolLevels(INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingType, type) ? [type, method] : [type, method.ContainingType, method];

    private static List<PromptSource> PromptsOf(IMethodSymbol method) =>
        [.. method.Attributes(WellKnownNames.PromptAttribute).Select(static attribute => SourceOf(attribute).GetValueOrDefault())];

    /// <summary>The messages in front of the last.</summary>
    private List<LeadingMessage> ReadLeading(List<PromptSource> sources, List<ParameterModel> parameters, out string? problem)
    {
        problem = null;
        var leading = new List<LeadingMessage>();
        if (kind == AgentKind.Wrapper || sources.Count == 0)
            return leading;
        if (sources[sources.Count - 1].IsAssistant)
            problem = "its last [Prompt] is the model's, and it is asked by a user's; put the user's message behind it";
        for (var i = 0; i < sources.Count - 1 && problem is null; i++)
        {
            var source = sources[i];
            problem = source.Text is null ? ReadFile(source) : null;
            leading.Add(new LeadingMessage(
                source.IsAssistant,
                (source.Text is { } text ? PromptBinder.Bind(text, parameters, out problem) : []).ToEquatableArray(),
                source.Text is null ? source.File : null));
        }

        return leading;
    }

    private static string? Both(PromptSource? source, string attribute) =>
        source is { Text: not null, File: not null } ? $"its {attribute} has a text and a file; keep one of them" : null;

    private static string? ReadFile(PromptSource source) => source.File is null ? "its prompt is not a constant text" : null;

    private string? ReadUserMessage(List<ParameterModel> parameters)
    {
        var message = -1;
        for (var i = 0; i < parameters.Count; i++)
        {
            var isText = parameters[i].Role == ParameterRole.KeyPart && IsString(i);
            if (!isText && parameters[i].Role != ParameterRole.Message)
                continue;
            if (message >= 0)
                return $"'{parameters[message].Name}' and '{parameters[i].Name}' could both be the user message; add a [Prompt] that says where each goes";
            message = i;
        }

        if (message >= 0 && parameters[message].Role == ParameterRole.KeyPart)
            parameters[message] = parameters[message] with { Role = ParameterRole.UserMessage };
        return message < 0 && !parameters.Exists(static parameter => IsSent(parameter.Role))
            ? "it sends nothing; add a [Prompt], a string parameter, a list of ChatMessage or a Conversation"
            : null;

        static bool IsSent(ParameterRole role) =>
            role is ParameterRole.Messages or ParameterRole.Conversation or ParameterRole.ConversationId or ParameterRole.Content or ParameterRole.Contents;
    }

    /// <summary>
    /// A wrapped method gets one windowed list; another list is an ordinary argument. Without a list its texts are what it will send,
    /// as far as can be seen from here, and so they are what is counted.
    /// </summary>
    private void ReadWrapped(List<ParameterModel> parameters)
    {
        var first = parameters.FindIndex(static parameter => parameter.Role == ParameterRole.Messages);
        for (var i = 0; i < parameters.Count; i++)
        {
            if ((parameters[i].Role == ParameterRole.Messages && i != first) || parameters[i].Role == ParameterRole.ConversationId)
                parameters[i] = parameters[i] with { Role = ParameterRole.KeyPart };
            else if (parameters[i].Role == ParameterRole.KeyPart && first < 0 && IsString(i))
                parameters[i] = parameters[i] with { Role = ParameterRole.UserMessage };
        }
    }

    private void ReportLimits(List<ParameterModel> parameters, bool isPromptKnown)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            var parameter = method.Parameters[i];
            if (ParameterParser.MaxTokens(parameter) is not { } tokens)
                continue;
            var attribute = parameter.Attribute(WellKnownNames.MaxTokensAttribute);
            if (tokens < 1)
                observer.Problem(parameter, attribute, "[MaxTokens] must be at least 1");
            else if (isPromptKnown && parameters[i].Role is not (ParameterRole.PromptValue or ParameterRole.UserMessage))
                observer.Problem(parameter, attribute, "[MaxTokens] bounds a text, and this parameter is none that the call sends by itself; remove it");
        }
    }

    /// <summary>On an interface it is for those methods that have a history; on a method without one it is a mistake.</summary>
    private void ReportSummary(bool hasHistory)
    {
        if (!hasHistory && method.Attribute(WellKnownNames.SummarizedAttribute) is { } attribute)
            observer.Problem(method, attribute, kind == AgentKind.Client
                ? "[Summarized] has nothing to summarize; take a Conversation or a list of ChatMessage, or remove it"
                : "[Summarized] has nothing to summarize, for a wrapped method is given its history as a list of ChatMessage; take one, or remove it");
    }

    /// <summary>Nobody would be given the summary, so nobody shall pay for it.</summary>
    private static EquatableArray<Setting> WithoutSummary(EquatableArray<Setting> settings)
    {
        var others = new List<Setting>();
        foreach (var setting in settings)
            if (!setting.Name.StartsWith("Summar", StringComparison.Ordinal))
                others.Add(setting);
        return others.ToEquatableArray();
    }

    private bool IsString(int parameter) => method.Parameters[parameter].Type.SpecialType == SpecialType.System_String;

    private string PolicyName()
    {
        const string Suffix = "Async";
        return method.Name.Length > Suffix.Length && method.Name.EndsWith(Suffix, StringComparison.Ordinal)
            ? method.Name.Substring(0, method.Name.Length - Suffix.Length)
            : method.Name;
    }

    private SignatureModel Signature(EquatableArray<ParameterModel> parameters, bool isExplicit)
    {
        var prefix = method switch { { ReturnsByRefReadonly: true } => "ref readonly ", { ReturnsByRef: true } => "ref ", _ => "" };
        return new SignatureModel(
            SymbolNames.Escape(method.Name),
            prefix + method.ReturnType.ToCode(),
            method.ReturnsVoid,
            method.ReturnsByRef || method.ReturnsByRefReadonly,
            TypeParameters.Names(method.TypeParameters),
            isExplicit ? TypeParameters.ExplicitConstraints(method.TypeParameters) : TypeParameters.Constraints(method.TypeParameters),
            parameters);
    }
}
