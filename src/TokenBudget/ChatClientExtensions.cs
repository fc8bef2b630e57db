using Microsoft.Extensions.AI;
using TokenBudget.Calls;

namespace TokenBudget;

/// <summary>The engine without any interface.</summary>
public static class ChatClientExtensions
{
    /// <summary>
    /// Puts a budget in front of a chat client: context window, dollars, rate limit and ledger for every request that passes. Where the policy asks for
    /// summaries, they stand for the older part of the histories that pass, and are found again by the messages they stand for.
    /// </summary>
    /// <param name="client">The client; in a tool loop such as UseFunctionInvocation put the budget inside it, so that every round is bounded.</param>
    /// <param name="runtime">The runtime that holds limits and budgets by name.</param>
    /// <param name="policy">The limits.</param>
    public static IChatClient WithTokenBudget(this IChatClient client, TokenBudgetRuntime runtime, AgentMethodPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        return runtime.CreateSummarizedClient(client, policy);
    }

    /// <summary>
    /// Marks where the provider shall cache the prompt: after the system messages, where the request before ended, and at the end. Put it next to the
    /// provider's client. For Anthropic's SDK: <c>client.WithPromptCacheMarkers(content => content.WithCacheControl(Ttl.Ttl5m))</c>; OpenAI and Google cache unasked.
    /// </summary>
    /// <param name="client">The provider's client.</param>
    /// <param name="mark">Marks one content: a copy made for this request, so that no history is changed. Must be thread-safe.</param>
    public static IChatClient WithPromptCacheMarkers(this IChatClient client, Action<AIContent> mark)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(mark);
        return new PromptCacheMarkers(client, mark);
    }
}
