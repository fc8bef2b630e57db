using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>Everything the emitter needs to know of one attributed interface.</summary>
/// <param name="Kind">Whether the class calls a chat client or wraps the user's implementation.</param>
/// <param name="Namespace">The interface's namespace, escaped; empty for the global one.</param>
/// <param name="Interface">The interface, fully qualified.</param>
/// <param name="ClassName">The generated class, without type parameters.</param>
/// <param name="TypeParameters">The names of the type parameters interface and class have.</param>
/// <param name="Constraints">Their constraint clauses, with a leading space; empty when there are none.</param>
/// <param name="HintName">The name of the generated file.</param>
/// <param name="IsPublic">Whether interface and class are public.</param>
/// <param name="AgentName">The agent's name in configuration, budgets and metrics.</param>
/// <param name="JsonContext">The context that reads and writes JSON, fully qualified; null, the usual options do.</param>
/// <param name="Experimental">The ids of what is experimental in it.</param>
/// <param name="Members">What the class implements, in the order of declaration.</param>
internal sealed record AgentModel(
    AgentKind Kind,
    string Namespace,
    string Interface,
    string ClassName,
    EquatableArray<string> TypeParameters,
    string Constraints,
    string HintName,
    bool IsPublic,
    string AgentName,
    string? JsonContext,
    EquatableArray<string> Experimental,
    EquatableArray<MemberModel> Members)
{
    /// <summary>The types of tools its methods name, each once.</summary>
    public IReadOnlyList<ToolSetModel> ToolSets
    {
        get
        {
            var names = new HashSet<string>();
            var sets = new List<ToolSetModel>();
            foreach (var member in Members)
                if (member is CallModel call)
                    foreach (var set in call.ToolSets)
                        if (names.Add(set.Type))
                            sets.Add(set);
            return sets;
        }
    }

    /// <summary><c>&lt;T1, T2&gt;</c>, or nothing.</summary>
    public string TypeArguments => TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", TypeParameters)}>";
}
