namespace TokenBudget.Wire.Tests.Documented;

public enum TicketKind
{
    Bug,
    Question,
    Request,
}
