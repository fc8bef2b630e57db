using Microsoft.Extensions.AI;
using TokenBudget.Calls;

namespace TokenBudget;

/// <summary>The engine without any interface.</summary>
public static class ChatClientExtensions
{
    /// <summary>Puts a budget in front of a chat client: context window, dollars, rate limit and ledger for every request that passes.</summary>
    /// <param name="client">The client; in a tool loop such as UseFunctionInvocation put the budget inside it, so that every round is bounded.</param>
    /// <param name="runtime">The runtime that holds limits and budgets by name.</param>
    /// <param name="policy">The limits.</param>
    public static IChatClient WithTokenBudget(this IChatClient client, TokenBudgetRuntime runtime, AgentMethodPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        return runtime.CreateClient(client, policy);
    }
}
