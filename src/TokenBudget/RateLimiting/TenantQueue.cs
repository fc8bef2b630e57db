using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>The callers of one tenant and priority, in the order they came. Leaving it takes the same time wherever one stands. Not thread-safe.</summary>
internal sealed class TenantQueue(TenantState tenant, RatePriority priority)
{
    private Ticket? _last;

    public TenantState Tenant => tenant;

    public RatePriority Priority => priority;

    public Ticket? First { get; private set; }

    /// <summary>How many they are.</summary>
    public int Count { get; private set; }

    /// <summary>What all of them want.</summary>
    public Vector256<long> Wanted { get; private set; }

    /// <summary>How much it was served, by its weight: the least served is next.</summary>
    public double Served { get; set; }

    /// <summary>Whether it stands in the order of its priority; one that is empty is taken out when its turn comes.</summary>
    public bool IsListed { get; set; }

    /// <summary>Until when its first waits for the tenant's own limit; 0 when it does not.</summary>
    public long ParkedUntil { get; set; }

    /// <summary>Tells apart those that are set aside until the same instant.</summary>
    public long ParkedAs { get; set; }

    public void Add(Ticket waiter)
    {
        Count++;
        waiter.Queue = this;
        waiter.Previous = _last;
        if (_last is null)
            First = waiter;
        else
            _last.Next = waiter;
        _last = waiter;
        Wanted += waiter.Charge.All;
    }

    /// <summary>One of them wants something else.</summary>
    public void Change(Vector256<long> more) => Wanted += more;

    public void Remove(Ticket waiter)
    {
        if (waiter.Previous is null)
            First = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            _last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        Count--;
        waiter.Queue = null;
        waiter.Next = null;
        waiter.Previous = null;
        Wanted -= waiter.Charge.All;
    }
}
