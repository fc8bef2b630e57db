using Microsoft.Extensions.AI;

namespace Orchestrator.Agents;

/// <summary>One way of doing the same job.</summary>
internal interface IWorker
{
    Task<TicketKind> ClassifyAsync(string ticket, CancellationToken cancellationToken);

    Task<string> WorkAsync(string step, ChatOptions tools, CancellationToken cancellationToken);

    Task<string> ReportAsync(string question, ChatOptions tools, CancellationToken cancellationToken);
}
