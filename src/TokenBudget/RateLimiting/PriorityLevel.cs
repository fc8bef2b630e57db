using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>The tenants that wait with one priority, the least served first. Not thread-safe.</summary>
/// <param name="share">The share of this priority when all priorities wait.</param>
internal sealed class PriorityLevel(double share)
{
    private readonly PriorityQueue<TenantQueue, (double Served, long Order)> _order = new();
    private TenantQueue? _front;
    private double _present;
    private long _listed;

    /// <summary>How much it was served, by its share.</summary>
    public double Served { get; set; }

    /// <summary>What all that wait want.</summary>
    public Vector256<long> Wanted { get; private set; }

    /// <summary>How many tenants stand in the order.</summary>
    public int Tenants
    {
        get
        {
            Peek();
            return _order.Count;
        }
    }

    public void Add(TenantQueue queue, Ticket waiter)
    {
        queue.Add(waiter);
        Wanted += waiter.Charge.All;
        if (queue.ParkedUntil == 0)
            List(queue);
    }

    /// <summary>Puts a tenant into the order. Who comes back is not owed what was given out while it did not wait.</summary>
    public void List(TenantQueue queue)
    {
        if (queue.IsListed || queue.First is null)
            return;
        queue.IsListed = true;
        queue.Served = Math.Max(queue.Served, _present);
        _order.Enqueue(queue, (queue.Served, ++_listed));
    }

    /// <summary>Takes the tenant whose turn it is out of the order.</summary>
    public void Unlist(TenantQueue queue)
    {
        _order.Dequeue();
        _front = null;
        queue.IsListed = false;
    }

    /// <summary>Who is next.</summary>
    public Ticket? Peek()
    {
        if (_order.Count == 0)
            return null;
        // Where there is only one, its place says nothing.
        if (_order.Count == 1 && _front?.First is { } next)
            return next;
        while (_order.TryPeek(out var queue, out var place))
        {
            if (queue.First is null)
                Unlist(queue);
            else if (queue.Served > place.Served && _order.Count > 1)
                _order.DequeueEnqueue(queue, (queue.Served, ++_listed));
            else
                return (_front = queue).First;
        }

        return null;
    }

    /// <summary>One that waits wants something else.</summary>
    public void Change(TenantQueue queue, Vector256<long> more)
    {
        Wanted += more;
        queue.Change(more);
    }

    public void Remove(Ticket waiter)
    {
        Wanted -= waiter.Charge.All;
        waiter.Queue!.Remove(waiter);
    }

    /// <summary>Removes one that was admitted, and puts it on the account of its tenant and priority.</summary>
    public void Serve(Ticket waiter, double cost)
    {
        var queue = waiter.Queue!;
        _present = Math.Max(_present, queue.Served);
        queue.Served += cost / waiter.Weight;
        Served += cost / share;
        Remove(waiter);
    }

    /// <summary>The first of every tenant in the order, in no order.</summary>
    public IEnumerable<Ticket> Firsts() => _order.UnorderedItems.Select(static item => item.Element.First).OfType<Ticket>();
}
