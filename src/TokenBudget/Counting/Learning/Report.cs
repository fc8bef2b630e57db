namespace TokenBudget.Counting.Learning;

/// <summary>The input of one answered request.</summary>
/// <param name="Counted">By our counter, 1 or more.</param>
/// <param name="Reported">By the provider.</param>
internal readonly record struct Report(long Counted, long Reported)
{
    /// <summary>What the request was reported to have besides what we counted.</summary>
    /// <param name="ratio">Provider tokens per token of ours.</param>
    public double Above(double ratio) => Reported - (ratio * Counted);
}
