using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>
/// Who waits for a rate limit, and who is next. Callers of one tenant and priority stand in line. Of the tenants of a priority, the one that
/// was served least (by its weight) is next; of the priorities, the one that was served least (by its share). Service is measured in parts of the limit, so a
/// large request counts more than a small one. Because being passed over makes a caller's line the least served, nobody starves.
/// </summary>
/// <remarks>Start-time fair queueing (Goyal, Vin, Cheng 1996) on two levels. Adding and serving take O(log tenants), leaving O(1). Not thread-safe: its owner holds a lock.</remarks>
internal sealed class FairQueue
{
    public const int Priorities = 3;

    // In the order of RatePriority: normal, high, low.
    private readonly PriorityLevel[] _levels = [new(0.19), new(0.76), new(0.05)];
    private readonly SortedSet<TenantQueue> _parked = new(Comparer<TenantQueue>.Create(static (left, right) =>
        left.ParkedUntil != right.ParkedUntil ? left.ParkedUntil.CompareTo(right.ParkedUntil) : left.ParkedAs.CompareTo(right.ParkedAs)));

    private double _present;
    private long _lastParked;

    // Who is next, as long as nothing has happened that could change it: most callers only join a line.
    private Ticket? _next;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>What all that wait want.</summary>
    public Vector256<long> Wanted => _levels[0].Wanted + _levels[1].Wanted + _levels[2].Wanted;

    /// <summary>When a tenant's own limit may have room again.</summary>
    public long NextUnparking => _parked.Min?.ParkedUntil ?? long.MaxValue;

    public void Add(Ticket waiter, TenantState tenant, RatePriority priority)
    {
        var queue = tenant.QueueOf(priority);
        var level = LevelOf(queue);
        if (queue.First is null)
        {
            _next = null;
            if (level.Tenants == 0)
                level.Served = Math.Max(level.Served, _present);
        }

        level.Add(queue, waiter);
        tenant.Waiting++;
        Count++;
    }

    /// <summary>Who is next of those whose tenant's own limit has room.</summary>
    public Ticket? Peek()
    {
        if (_next is not null)
            return _next;
        var least = double.PositiveInfinity;
        foreach (var level in _levels)
        {
            if (level.Peek() is not { } waiter || level.Served > least)
                continue;
            // At a draw the higher priority goes first; the higher has the larger share.
            if (level.Served < least || waiter.Queue!.Priority == RatePriority.High)
                _next = waiter;
            least = level.Served;
        }

        return _next;
    }

    /// <summary>One that waits wants something else.</summary>
    public void Change(Ticket waiter, TokenDemand expected, in RateCharge charge)
    {
        var queue = waiter.Queue!;
        LevelOf(queue).Change(queue, charge.All - waiter.Charge.All);
        waiter.Hold(waiter.Bound, expected, charge);
    }

    /// <summary>Removes one that was admitted.</summary>
    public void Serve(Ticket waiter, double cost)
    {
        var queue = waiter.Queue!;
        var level = LevelOf(queue);
        _present = Math.Max(_present, level.Served);
        Left(waiter);
        level.Serve(waiter, cost);
        // Where all stand in one line there is nothing to choose.
        _next = queue.Count == Count ? queue.First : null;
    }

    /// <summary>Removes one that does not want to wait any more.</summary>
    public void Remove(Ticket waiter)
    {
        Left(waiter);
        LevelOf(waiter.Queue!).Remove(waiter);
    }

    /// <summary>Sets the line of the next caller aside until its tenant's own limit may have room.</summary>
    public void Park(Ticket next, long until)
    {
        var queue = next.Queue!;
        _next = null;
        LevelOf(queue).Unlist(queue);
        queue.ParkedUntil = until;
        queue.ParkedAs = ++_lastParked;
        _parked.Add(queue);
    }

    /// <summary>Puts lines back whose time has come.</summary>
    public void Unpark(long now)
    {
        while (_parked.Min is { } queue && queue.ParkedUntil <= now)
            Unpark(queue);
    }

    /// <summary>Puts a tenant's lines back: its own limit has changed.</summary>
    public void Unpark(TenantState tenant)
    {
        foreach (var queue in tenant.Queues)
            if (queue.ParkedUntil != 0)
                Unpark(queue);
    }

    /// <summary>What is served before one that comes now: who has the same or a higher priority, and of other tenants no more than its own tenant wants.</summary>
    public Vector256<long> Ahead(Ticket waiter)
    {
        var queue = waiter.Queue!;
        var level = LevelOf(queue);
        var others = level.Tenants > 1 ? Vector256.Min(level.Wanted - queue.Wanted, queue.Wanted * (level.Tenants - 1)) : Vector256<long>.Zero;
        var ahead = others + queue.Wanted - waiter.Charge.All;
        return queue.Priority switch
        {
            RatePriority.High => ahead,
            RatePriority.Normal => ahead + _levels[(int)RatePriority.High].Wanted,
            _ => ahead + _levels[(int)RatePriority.High].Wanted + _levels[(int)RatePriority.Normal].Wanted,
        };
    }

    /// <summary>Some of those behind the next one, who may pass it if that does not delay it.</summary>
    public IEnumerable<Ticket> Behind(Ticket head, int most)
    {
        // Within a tenant's own limit nobody passes: that would delay the head there.
        if (head.Queue!.Tenant.Account is null)
            for (var waiter = head.Next; waiter is not null && most-- > 0; waiter = waiter.Next)
                yield return waiter;
        foreach (var level in _levels)
            foreach (var waiter in level.Firsts().Take(Math.Max(0, most)))
                if (waiter != head)
                    yield return waiter;
    }

    /// <summary>All that wait.</summary>
    public IEnumerable<Ticket> All()
    {
        foreach (var first in _levels.SelectMany(static level => level.Firsts()).Concat(_parked.Select(static queue => queue.First).OfType<Ticket>()))
            for (var waiter = first; waiter is not null; waiter = waiter.Next)
                yield return waiter;
    }

    private PriorityLevel LevelOf(TenantQueue queue) => _levels[(int)queue.Priority];

    private void Unpark(TenantQueue queue)
    {
        _parked.Remove(queue);
        queue.ParkedUntil = 0;
        _next = null;
        var level = LevelOf(queue);
        if (level.Tenants == 0)
            level.Served = Math.Max(level.Served, _present);
        level.List(queue);
    }

    private void Left(Ticket waiter)
    {
        var queue = waiter.Queue!;
        queue.Tenant.Waiting--;
        Count--;
        if (waiter == _next)
            _next = null;
        // An empty line must not wake anybody.
        if (queue.ParkedUntil != 0 && queue.First == waiter && waiter.Next is null)
        {
            _parked.Remove(queue);
            queue.ParkedUntil = 0;
        }
    }
}
