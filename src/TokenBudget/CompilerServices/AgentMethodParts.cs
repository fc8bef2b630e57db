using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Summarization;

namespace TokenBudget.CompilerServices;

/// <summary>What the pipeline of one method is made of.</summary>
/// <param name="Policy">What holds for the method.</param>
/// <param name="Client">Steps 4 to 9, in front of the provider.</param>
/// <param name="Services">What every request needs.</param>
/// <param name="Background">Work after the reply.</param>
/// <param name="SystemMessage">The constant system message, if any: one object, so that its size stays known.</param>
/// <param name="Cache">The response cache, when the method's answers are cached.</param>
/// <param name="Summaries">When summaries are made and used, when the method's conversations are summarized.</param>
/// <param name="Conversations">Where conversations are that a call names by their id.</param>
/// <param name="Tools">The tools the method was declared with.</param>
/// <param name="IsWrapped">Whether the client is a call of the user's own implementation: what it asks for, and who runs its tools, is its own affair.</param>
internal sealed record AgentMethodParts(
    EffectivePolicy Policy,
    BudgetedChatClient Client,
    CallServices Services,
    BackgroundWork Background,
    ChatMessage? SystemMessage,
    MethodCache? Cache,
    SummarySchedule? Summaries,
    IConversationStore Conversations,
    IReadOnlyList<AITool> Tools,
    bool IsWrapped = false);
