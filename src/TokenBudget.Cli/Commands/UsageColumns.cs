using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary>Usage bucket by bucket, wherever a ledger is printed.</summary>
internal static class UsageColumns
{
    public static Column<T>[] Of<T>(Func<T, TokenUsage> usage) =>
    [
        new("fresh input", "freshInput", row => usage(row).FreshInput, IsNumber: true),
        new("cache read", "cacheRead", row => usage(row).CacheRead, IsNumber: true),
        new("cache write 5m", "cacheWrite5Minutes", row => usage(row).CacheWrite5Minutes, IsNumber: true),
        new("cache write 1h", "cacheWrite1Hour", row => usage(row).CacheWrite1Hour, IsNumber: true),
        new("audio input", "audioInput", row => usage(row).AudioInput, IsNumber: true),
        new("audio cache read", "audioCacheRead", row => usage(row).AudioCacheRead, IsNumber: true),
        new("output", "output", row => usage(row).Output, IsNumber: true),
        new("reasoning", "reasoning", row => usage(row).Reasoning, IsNumber: true),
        new("audio output", "audioOutput", row => usage(row).AudioOutput, IsNumber: true),
    ];
}
