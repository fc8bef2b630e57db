using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using TokenBudget.AspNetCore.Prometheus;
using TokenBudget.Calls;
using TokenBudget.Configuration;

namespace TokenBudget.AspNetCore.Tests;

public sealed partial class PrometheusTests
{
    [Fact]
    public async Task It_is_there_only_when_asked_for()
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", "/metrics");

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_the_meter_counts_and_what_holds_now_are_told_in_its_format()
    {
        await using var host = await StartAsync();
        // The meter of another runtime in the process has the same name.
        await using var other = await StartAsync();
        await AskAsync(other, "other");
        await AskAsync(host, "canary-prompt");
        await AskAsync(host, "canary-prompt");
        await host.SpendAsync("a \"b\" \\ \n c", 2.5m);

        using var response = await host.SendAsync("GET", "/metrics");
        var text = await response.Content.ReadAsStringAsync();

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        text.ShouldNotContain("canary");
        var lines = text.TrimEnd('\n').Split('\n');
        foreach (var line in lines)
            (line[0] == '#' || Sample().IsMatch(line)).ShouldBeTrue(line);
        // Each family once, and its samples behind it.
        var families = lines.Where(static line => line.StartsWith("# TYPE", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]).ToList();
        families.ShouldBe(families.Distinct());
        lines.ShouldContain("tokenbudget_rate_limit_requests{tokenbudget_limit=\"Support\"} 2");
        lines.ShouldContain("tokenbudget_throttled_seconds_count{tokenbudget_agent=\"Support\"} 2");
        lines.ShouldContain("tokenbudget_throttled_seconds_bucket{tokenbudget_agent=\"Support\",le=\"+Inf\"} 2");
        lines.ShouldContain("tokenbudget_context_tokens{tokenbudget_agent=\"Support\",tokenbudget_method=\"Ask\"} 30");
        lines.ShouldContain("tokenbudget_budget_settled_usd{tokenbudget_budget=\"a \\\"b\\\" \\\\ \\n c\",period=\"Day\"} 2.5");
        lines.ShouldContain("tokenbudget_ledger_failing 0");
        lines.ShouldContain(static line => line.StartsWith("tokenbudget_cost_usd_total{tokenbudget_agent=\"Support\"} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_dashboard_for_Grafana_asks_for_what_is_told()
    {
        await using var host = await StartAsync();
        await AskAsync(host, "question");
        await host.SpendAsync("daily", 1);
        using var response = await host.SendAsync("GET", "/metrics");
        var told = Family().Matches(await response.Content.ReadAsStringAsync()).Select(static match => match.Groups[1].Value).ToHashSet();
        // Counters that have counted nothing yet.
        using var instruments = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, host.Runtime.Telemetry))
                    told.Add(PrometheusEndpoint.FamilyOf(instrument));
            },
        };
        instruments.Start();

        var asked = Asked().Matches(await File.ReadAllTextAsync(Repository("docs/grafana/tokenbudget.json"))).Select(static match => match.Value).Distinct().ToList();

        asked.Count.ShouldBeGreaterThan(10);
        asked.Select(static name => name.EndsWith("_bucket", StringComparison.Ordinal) ? name[..^"_bucket".Length] : name)
            .Except(told).Except(["tokenbudget_limit", "tokenbudget_agent", "tokenbudget_method", "tokenbudget_budget", "tokenbudget_reason", "tokenbudget_part", "tokenbudget_cache_outcome"]).ShouldBeEmpty();

        static string Repository(string path)
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "TokenBudget.Generators.sln")))
                folder = folder.Parent!;
            return Path.Combine(folder.FullName, path);
        }
    }

    [Fact]
    public void A_histogram_counts_what_is_at_most_its_bound()
    {
        var series = new Series(isHistogram: true);
        foreach (var value in (double[])[0, 0.000_01, 0.000_011, 5, 1_000])
            series.Add(value);

        var (sum, count, buckets) = series.Read();

        count.ShouldBe(5);
        sum.ShouldBe(1_005.000_021, 1e-9);
        buckets.ShouldBe([2, 3, 3, 3, 3, 3, 4, 4, 4]);
    }

    private static Task<Host> StartAsync() => Host.StartAsync(static options => options.Prometheus = true, options: new TokenBudgetOptions { AllowUnknownPrices = true });

    private static async Task AskAsync(Host host, string prompt)
    {
        using var client = host.Runtime.CreateClient(new Echo(), new AgentMethodPolicy
        {
            Agent = "Support",
            Method = "Ask",
            Settings = new BudgetSettings { Model = "unknown-model", TokensPerMinute = 60_000, RequestsPerMinute = 7, MaxOutputTokens = 100 },
        });
        await client.GetResponseAsync(prompt);
    }

    [GeneratedRegex("# TYPE (\\S+) ")]
    private static partial Regex Family();

    [GeneratedRegex("tokenbudget_[a-z_]+")]
    private static partial Regex Asked();

    [GeneratedRegex("""^[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? (-?[0-9.E+-]+|\+Inf)$""")]
    private static partial Regex Sample();
}
