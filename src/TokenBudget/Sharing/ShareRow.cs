namespace TokenBudget.Sharing;

/// <summary>What is kept of one process and one limit. Times are milliseconds of the store's clock.</summary>
internal sealed class ShareRow(Guid holder)
{
    public Guid Holder { get; } = holder;

    public long Sequence { get; set; }

    public long Amount { get; set; }

    /// <summary>What its holder may use alone: what it was told last, or before, should it not have heard of the last.</summary>
    public long Alone { get; set; }

    public long Wants { get; set; }

    public long Needs { get; set; }

    /// <summary>Since when its next request is larger than its fair part; 0, it is not.</summary>
    public long StarvesSince { get; set; }

    public long Expires { get; set; }

    public long Lingers { get; set; }

    /// <summary>What is taken of the limit: when a share is over, also what its holder may use alone.</summary>
    public long TakenAt(long now) => Expires < now ? Math.Max(Amount, Alone) : Amount;
}
