namespace TokenBudget.RateLimiting;

/// <summary>
/// The open reservations, in the order of their admission, and the tickets that are not in use. Tickets are used again; the numbers of reservations are not, so that a
/// late settlement finds nobody.
/// </summary>
/// <remarks>Not thread-safe: its owner holds a lock.</remarks>
internal sealed class Tickets(TokenRateLimiter limiter)
{
    private Ticket? _newest;
    private Ticket? _unused;
    private long _lastId;

    /// <summary>The one that was admitted first.</summary>
    public Ticket? Oldest { get; private set; }

    /// <summary>A ticket that stands for nothing.</summary>
    public Ticket Take()
    {
        if (_unused is not { } ticket)
            return new Ticket(limiter);
        _unused = ticket.Next;
        ticket.Next = null;
        return ticket;
    }

    /// <summary>Takes a ticket back that nobody has seen.</summary>
    public void GiveBack(Ticket ticket)
    {
        ticket.Next = _unused;
        _unused = ticket;
    }

    public void Open(Ticket ticket, long since, TenantState? tenant)
    {
        ticket.Id = ++_lastId;
        ticket.Since = since;
        ticket.Tenant = tenant;
        ticket.Previous = _newest;
        if (_newest is null)
            Oldest = ticket;
        else
            _newest.Next = ticket;
        _newest = ticket;
    }

    public void Close(Ticket ticket)
    {
        var (previous, next) = (ticket.Previous, ticket.Next);
        if (previous is null)
            Oldest = next;
        else
            previous.Next = next;
        if (next is null)
            _newest = previous;
        else
            next.Previous = previous;
        ticket.Id = 0;
        ticket.Tenant = null;
        ticket.Previous = null;
        ticket.Next = null;
        // A caller that has not looked yet finds it as it is.
        if (!ticket.IsAwaited)
            GiveBack(ticket);
    }

    /// <summary>Goes over the open ones, the newest first.</summary>
    public IEnumerable<Ticket> NewestFirst()
    {
        for (var ticket = _newest; ticket is not null; ticket = ticket.Previous)
            yield return ticket;
    }
}
