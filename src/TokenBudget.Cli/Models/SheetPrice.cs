namespace TokenBudget.Cli.Models;

/// <summary>One set of prices as a source lists it, in pico-dollars per token; what the source does not list is <see langword="null"/>.</summary>
internal sealed record SheetPrice
{
    public required long Input { get; init; }

    public required long Output { get; init; }

    public long? CacheRead { get; init; }

    public long? CacheWrite { get; init; }

    public long? CacheWrite1Hour { get; init; }

    public long? Reasoning { get; init; }

    public long? AudioInput { get; init; }

    public long? AudioCacheRead { get; init; }

    public long? AudioOutput { get; init; }

    /// <summary>Input tokens above which these prices hold; <see langword="null"/> for the prices of an ordinary request.</summary>
    public long? Above { get; init; }

    public IReadOnlyList<SheetPrice> Tiers { get; init; } = [];

    /// <summary>Zero for both is how a sheet writes that it does not know, or that the model is a preview. An unknown price is not zero.</summary>
    public bool IsKnown => Input != 0 || Output != 0;

    /// <summary>The dearer of two sets, field by field.</summary>
    public static SheetPrice Dearer(SheetPrice left, SheetPrice right)
    {
        var tiers = left.Tiers.Concat(right.Tiers)
            .GroupBy(static tier => tier.Above)
            .Select(static same => same.Aggregate(Dearer))
            .ToList();
        return left with
        {
            Input = Math.Max(left.Input, right.Input),
            Output = Math.Max(left.Output, right.Output),
            CacheRead = Max(left.CacheRead, right.CacheRead),
            CacheWrite = Max(left.CacheWrite, right.CacheWrite),
            CacheWrite1Hour = Max(left.CacheWrite1Hour, right.CacheWrite1Hour),
            Reasoning = Max(left.Reasoning, right.Reasoning),
            AudioInput = Max(left.AudioInput, right.AudioInput),
            AudioCacheRead = Max(left.AudioCacheRead, right.AudioCacheRead),
            AudioOutput = Max(left.AudioOutput, right.AudioOutput),
            Tiers = tiers,
        };
    }

    /// <summary>
    /// These prices with what they lack taken from another source, if both agree on input and output. Where they do not, the
    /// other prices something else (a region, another month), and a mixture would be a price nobody charges.
    /// </summary>
    public SheetPrice FilledFrom(SheetPrice? other)
    {
        if (other is null || other.Input != Input || other.Output != Output)
            return this;
        return this with
        {
            CacheRead = CacheRead ?? other.CacheRead,
            CacheWrite = CacheWrite ?? other.CacheWrite,
            CacheWrite1Hour = CacheWrite1Hour ?? other.CacheWrite1Hour,
            Reasoning = Reasoning ?? other.Reasoning,
            AudioInput = AudioInput ?? other.AudioInput,
            AudioCacheRead = AudioCacheRead ?? other.AudioCacheRead,
            AudioOutput = AudioOutput ?? other.AudioOutput,
            Tiers = [.. Tiers.Select(tier => tier.FilledFrom(other.Tiers.FirstOrDefault(same => same.Above == tier.Above)))],
        };
    }

    private static long? Max(long? left, long? right) => left is null || right > left ? right : left;
}
