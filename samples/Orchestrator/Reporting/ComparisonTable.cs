using System.Globalization;
using Spectre.Console;

namespace Orchestrator.Reporting;

/// <summary>Prints the runs side by side.</summary>
internal static class ComparisonTable
{
    public static void Print(IReadOnlyList<RunResult> runs)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn(string.Empty);
        foreach (var run in runs)
            table.AddColumn(new TableColumn(Markup.Escape(run.Name)).RightAligned());
        var first = runs[0];
        Row("model requests", run => Count(run.Requests));
        Row("input tokens", run => Count(run.InputTokens) + Change(run.InputTokens, first.InputTokens, run, first));
        Row("  of them cached", run => Count(run.CachedTokens));
        Row("output tokens", run => Count(run.OutputTokens));
        Row("cost", run => run.CostUsd.ToString("$0.0000", CultureInfo.InvariantCulture) + Change((double)run.CostUsd, (double)first.CostUsd, run, first));
        Row("rate-limit errors (429)", run => Count(run.RateLimitErrors));
        Row("cache hits on repeats", run => run.CacheHits is { } hits ? $"{hits.Hits} of {hits.Repeated}" : "-");
        Row("largest request", run => Count(run.LargestRequest));
        Row("wall time", run => run.WallTime.ToString(run.WallTime >= TimeSpan.FromHours(1) ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture));
        Row("own time, median", run => run.Overhead is { } overhead ? overhead.TotalMilliseconds.ToString("0.000 ms", CultureInfo.InvariantCulture) : "-");
        Row("our ledger says", run => run.LedgerUsd is { } usd ? usd.ToString("$0.0000", CultureInfo.InvariantCulture) : "-");
        AnsiConsole.Write(table);
        foreach (var run in runs.Where(run => run.Verdict is not null))
            Console.WriteLine($"{run.Name} on {run.Provider}: {run.Verdict}");

        void Row(string name, Func<RunResult, string> value) =>
            table.AddRow([new Text(name), .. runs.Select(run => new Text(value(run)))]);
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Change(double value, double reference, RunResult run, RunResult first) =>
        ReferenceEquals(run, first) || reference == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" ({(value / reference) - 1:+0%;-0%;0%})");
}
