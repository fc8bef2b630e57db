using Microsoft.Extensions.AI;
using TokenBudget;

namespace Orchestrator.Agents;

/// <summary>The job through the generated client.</summary>
internal sealed class BudgetedWorker(IOrchestratorAgent agent, Conversation conversation) : IWorker
{
    public Task<TicketKind> ClassifyAsync(string ticket, CancellationToken cancellationToken) => agent.ClassifyAsync(ticket, cancellationToken);

    public Task<string> WorkAsync(string step, ChatOptions tools, CancellationToken cancellationToken) =>
        agent.WorkAsync(conversation, step, tools, cancellationToken);

    public async Task<string> ReportAsync(string question, ChatOptions tools, CancellationToken cancellationToken) =>
        (await agent.ReportAsync(conversation, question, tools, cancellationToken).ToChatResponseAsync(cancellationToken)).Text;
}
