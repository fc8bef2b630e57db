using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads one method.</summary>
internal sealed class CallParser(IMethodSymbol method, AgentKind kind, IParseObserver observer)
{
    /// <summary>The method's signature, without parts in a call.</summary>
    /// <param name="isExplicit">Whether it is for an explicit implementation, which repeats neither defaults nor constraints.</param>
    public SignatureModel Signature(bool isExplicit) => Signature(ParameterParser.Signature(method.Parameters, withDefaults: !isExplicit), isExplicit);

    /// <summary>The method as a call through the budget; null, with the problem, when it cannot be one.</summary>
    public CallModel? Parse(
        EquatableArray<Setting> settings,
        string? systemPrompt,
        string? explicitInterface,
        string? innerInterface,
        out string? problem)
    {
        if ((problem = ShapeProblem()) is not null)
            return null;
        if (ReplyParser.Parse(method) is not { } reply)
        {
            problem = "it must return Task<T> or ValueTask<T> (string, ChatResponse, an enum or a type read from JSON), or IAsyncEnumerable of ChatResponseUpdate or string";
            return null;
        }

        var prompt = new List<PromptPart>();
        var roles = new ParameterRole[method.Parameters.Length];
        for (var i = 0; i < roles.Length; i++)
            roles[i] = ParameterParser.Role(method.Parameters[i]);

        if ((problem = ScopeProblem(roles)) is not null)
            return null;
        if (kind == AgentKind.Client && (problem = ReadPrompt(prompt, roles)) is not null)
            return null;
        if (kind == AgentKind.Wrapper)
            ReadWrapped(roles);

        ReportLimits(roles);
        var parameters = new List<ParameterModel>();
        for (var i = 0; i < roles.Length; i++)
            parameters.Add(ParameterParser.Model(method.Parameters[i], roles[i], withDefault: explicitInterface is null));

        var list = Array.IndexOf(roles, ParameterRole.Messages);
        return new CallModel(
            Signature(parameters.ToEquatableArray(), explicitInterface is not null),
            PolicyName(),
            reply.Kind,
            reply.Type,
            reply.CanBeNull,
            reply.IsValueTask,
            systemPrompt,
            prompt.ToEquatableArray(),
            settings,
            list < 0 ? ListConversion.None : ParameterParser.Conversion(method.Parameters[list].Type),
            explicitInterface,
            innerInterface);
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

    private string? ScopeProblem(ParameterRole[] roles)
    {
        for (var i = 0; i < roles.Length; i++)
            if (roles[i] == ParameterRole.Scope && method.Parameters[i].Type.SpecialType != SpecialType.System_String)
                return $"parameter '{method.Parameters[i].Name}' has [CacheScope], and a tenant is named by a string";
        return null;
    }

    private string? ReadPrompt(List<PromptPart> prompt, ParameterRole[] roles)
    {
        var attribute = method.Attribute(WellKnownNames.PromptAttribute);
        return attribute is null ? ReadUserMessage(roles) : ReadTemplate(attribute, prompt, roles);
    }

    private string? ReadTemplate(AttributeData attribute, List<PromptPart> prompt, ParameterRole[] roles)
    {
        if (attribute is not { ConstructorArguments: [{ Kind: TypedConstantKind.Primitive, Value: string template }] })
            return "its prompt is not a constant text";
        prompt.AddRange(PromptTemplate.Parse(template, out var error));
        if (error is not null)
            return error;
        if (prompt.Count == 0)
            return "its prompt is empty; remove [Prompt] or write one";
        foreach (var part in prompt)
        {
            if (!part.IsValue)
                continue;
            var index = IndexOf(part.Text);
            if (index < 0)
                return $"its prompt names '{{{part.Text}}}', which is no parameter";
            if (roles[index] is not (ParameterRole.KeyPart or ParameterRole.PromptValue or ParameterRole.Ignored))
                return $"its prompt names '{{{part.Text}}}', which is never part of the text; remove the placeholder";
            roles[index] = ParameterRole.PromptValue;
        }

        return null;
    }

    private string? ReadUserMessage(ParameterRole[] roles)
    {
        var message = -1;
        for (var i = 0; i < roles.Length; i++)
        {
            var isText = roles[i] == ParameterRole.KeyPart && method.Parameters[i].Type.SpecialType == SpecialType.System_String;
            if (!isText && roles[i] != ParameterRole.Message)
                continue;
            if (message >= 0)
            {
                return $"'{method.Parameters[message].Name}' and '{method.Parameters[i].Name}' could both be the user message; "
                    + "add a [Prompt] that says where each goes";
            }

            message = i;
        }

        if (message >= 0 && roles[message] == ParameterRole.KeyPart)
            roles[message] = ParameterRole.UserMessage;
        return message < 0 && !Array.Exists(roles, IsSent)
            ? "it sends nothing; add a [Prompt], a string parameter, a list of ChatMessage or a Conversation"
            : null;

        static bool IsSent(ParameterRole role) =>
            role is ParameterRole.Messages or ParameterRole.Conversation or ParameterRole.Content or ParameterRole.Contents;
    }

    /// <summary>
    /// A wrapped method gets one windowed list; another list is an ordinary argument. Without a list its texts are what it will send,
    /// as far as can be seen from here, and so they are what is counted.
    /// </summary>
    private void ReadWrapped(ParameterRole[] roles)
    {
        var first = Array.IndexOf(roles, ParameterRole.Messages);
        for (var i = 0; i < roles.Length; i++)
        {
            if (roles[i] == ParameterRole.Messages && i != first)
                roles[i] = ParameterRole.KeyPart;
            else if (roles[i] == ParameterRole.KeyPart && first < 0 && method.Parameters[i].Type.SpecialType == SpecialType.System_String)
                roles[i] = ParameterRole.UserMessage;
        }
    }

    private void ReportLimits(ParameterRole[] roles)
    {
        for (var i = 0; i < roles.Length; i++)
        {
            var parameter = method.Parameters[i];
            if (ParameterParser.MaxTokens(parameter) is not { } tokens)
                continue;
            var attribute = parameter.Attribute(WellKnownNames.MaxTokensAttribute);
            if (tokens < 1)
                observer.Problem(parameter, attribute, "[MaxTokens] must be at least 1");
            else if (roles[i] is not (ParameterRole.PromptValue or ParameterRole.UserMessage))
                observer.Problem(parameter, attribute, "[MaxTokens] bounds a text, and this parameter is none that the call sends by itself; remove it");
        }
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < method.Parameters.Length; i++)
            if (method.Parameters[i].Name == name)
                return i;
        return -1;
    }

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
