namespace TokenBudget.RateLimiting;

/// <summary>What a limiter knows of one tenant: its own limits, if tenants have any, and who waits. Not thread-safe.</summary>
internal sealed class TenantState(string? name, RateAccount? account)
{
    private readonly TenantQueue?[] _queues = new TenantQueue?[FairQueue.Priorities];

    public string? Name => name;

    public RateAccount? Account => account;

    /// <summary>How many of its callers wait.</summary>
    public int Waiting { get; set; }

    public IEnumerable<TenantQueue> Queues => _queues.OfType<TenantQueue>();

    public TenantQueue QueueOf(RatePriority priority) => _queues[(int)priority] ??= new TenantQueue(this, priority);
}
