using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>The names of everything the generated class adds to the interface's own members.</summary>
internal sealed class ClassNames
{
    // Overloads may be equal but for their parameters' names.
    private readonly Dictionary<CallModel, CallNames> _calls = new(ReferenceComparer<CallModel>.Instance);

    private readonly Dictionary<string, ToolNames> _tools = [];

    public ClassNames(AgentModel model)
    {
        var names = new UniqueNames();
        names.Reserve(model.ClassName);
        foreach (var member in model.Members)
            Reserve(names, member);

        names.Reserve("client");
        names.Reserve("runtime");
        foreach (var set in model.ToolSets)
        {
            var local = char.ToLowerInvariant(set.Name[0]) + set.Name.Substring(1);
            _tools.Add(set.Type, new ToolNames(names.Take(set.Name + "Functions"), Parsing.SymbolNames.Escape(names.Take(local)), names.Take(local + "Functions")));
        }

        Json = model.JsonContext is null ? null : names.Take("Json");
        Call = names.Take("call");
        Inner = names.Take("_inner");
        State = names.Take("state");
        Messages = names.Take("windowed");
        Token = names.Take("token");
        foreach (var member in model.Members)
        {
            if (member is not CallModel call)
                continue;
            var name = call.PolicyName;
            _calls.Add(call, new CallNames(
                names.Take("_" + char.ToLowerInvariant(name[0]) + name.Substring(1)),
                names.Take(name + "Policy"),
                call.Reply == ReplyKind.Json ? names.Take(name + "Reply") : ""));
        }
    }

    /// <summary>The field of the options that read and write JSON; null, unless the user names a context.</summary>
    public string? Json { get; }

    /// <summary>The local that collects a call.</summary>
    public string Call { get; }

    /// <summary>The field of the wrapped implementation.</summary>
    public string Inner { get; }

    /// <summary>The lambda parameter that carries the arguments to the wrapped implementation.</summary>
    public string State { get; }

    /// <summary>The lambda parameter of the windowed messages.</summary>
    public string Messages { get; }

    /// <summary>The lambda parameter of the token.</summary>
    public string Token { get; }

    public CallNames Of(CallModel call) => _calls[call];

    public ToolNames Of(ToolSetModel set) => _tools[set.Type];

    private static void Reserve(UniqueNames names, MemberModel member)
    {
        var signature = member switch
        {
            CallModel call => call.Signature,
            ForwardedMethodModel method => method.Signature,
            RefusedMethodModel method => method.Signature,
            _ => null,
        };
        names.Reserve((signature?.Name ?? (member as PropertyModel)?.Name ?? (member as EventModel)?.Name ?? "").TrimStart('@'));
        if (signature is null)
            return;
        foreach (var parameter in signature.Parameters)
            names.Reserve(parameter.Name);
        foreach (var parameter in signature.TypeParameters)
            names.Reserve(parameter);
    }
}
