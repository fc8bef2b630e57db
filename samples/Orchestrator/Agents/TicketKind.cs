namespace Orchestrator.Agents;

public enum TicketKind
{
    Bug,
    Question,
    Request,
}
