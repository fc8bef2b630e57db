using Microsoft.Extensions.Configuration;
using TokenBudget.Retries;

namespace TokenBudget.Configuration;

/// <summary>Reads <c>TokenBudget:Retries</c>.</summary>
internal static class RetryOptionsReader
{
    private const double Shortest = 0.001;
    private const double Day = 86_400;

    public static void Read(IConfigurationSection section, RetryOptions options, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reader = TokenBudgetOptionsReader.ReaderOf(section, known, errors);
        options.MaxAttempts = reader.Count("MaxAttempts", 1, 100) ?? options.MaxAttempts;
        options.MaxDelay = reader.Seconds("MaxDelaySeconds", Shortest, Day) ?? options.MaxDelay;
        options.Backoff = reader.Seconds("BackoffSeconds", Shortest, Day) ?? options.Backoff;
        options.MaxBackoff = reader.Seconds("MaxBackoffSeconds", Shortest, Day) ?? options.MaxBackoff;
        options.Budget = reader.Number("Budget", 0, 1) ?? options.Budget;
        options.BudgetReserve = reader.Count("BudgetReserve", 0, 1_000_000) ?? options.BudgetReserve;
        options.SpendLimitPause = reader.Seconds("SpendLimitPauseSeconds", Shortest, Day) ?? options.SpendLimitPause;
        // 0 is for ever.
        if (reader.Seconds("StreamSilenceSeconds", 0, Day) is { } silence)
            options.StreamSilence = silence == TimeSpan.Zero ? null : silence;
        if (options.MaxBackoff < options.Backoff)
            errors.Add($"{section.Path}:MaxBackoffSeconds is less than BackoffSeconds ({options.MaxBackoff.TotalSeconds} and {options.Backoff.TotalSeconds}), where the waits begin.");
        TokenBudgetOptionsReader.RefuseUnknown(section.GetChildren(), known, errors);
    }
}
