using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>What is known of the calls of one interface, each worked out once for all that is written of it.</summary>
internal sealed class ClassFacts(AgentModel agent, ModelTable models)
{
    // Overloads may say the same.
    private readonly Dictionary<CallModel, CallFacts> _known = new(ReferenceComparer<CallModel>.Instance);

    public CallFacts Of(CallModel call)
    {
        if (!_known.TryGetValue(call, out var facts))
            _known.Add(call, facts = CallFacts.Of(agent.Kind, call, models));
        return facts;
    }
}
