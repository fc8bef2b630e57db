using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;

namespace TokenBudget;

/// <summary>The composition root: catalogue, counters, caches, limits and budgets by name, stores, telemetry and clock. One for a process.</summary>
public sealed class TokenBudgetRuntime
{
    /// <summary>Binds a method's policy to the client that serves it.</summary>
    /// <param name="client">The chat client.</param>
    /// <param name="policy">The method's facts.</param>
    public AgentMethod Bind(IChatClient client, AgentMethodPolicy policy) => throw new NotImplementedException();

    /// <summary>Binds the policy of a method the user implements.</summary>
    /// <param name="policy">The method's facts.</param>
    public AgentMethod Bind(AgentMethodPolicy policy) => throw new NotImplementedException();
}
