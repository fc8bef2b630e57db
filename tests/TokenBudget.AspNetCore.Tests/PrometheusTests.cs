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
    public async Task However_many_agents_models_methods_limits_and_tenants_there_are_the_series_stay_few()
    {
        const int Values = 10;
        await using var host = await Host.StartAsync(static options => (options.Prometheus, options.PrometheusLabelValues) = (true, Values), options: new TokenBudgetOptions { AllowUnknownPrices = true });
        using var meter = new Meter(new MeterOptions("TokenBudget") { Scope = host.Runtime.Telemetry });
        var cost = meter.CreateCounter<double>("test.cost", "USD");
        var routed = meter.CreateCounter<long>("test.routed");
        var refused = meter.CreateCounter<long>("test.refused");
        for (var index = 0; index < 300; index++)
        {
            cost.Add(1, new KeyValuePair<string, object?>("tokenbudget.agent", $"agent{index}"));
            routed.Add(1, new("tokenbudget.agent", $"agent{index}"), new("gen_ai.request.model", $"model{index}"));
            refused.Add(1, new("tokenbudget.agent", $"agent{index}"), new("tokenbudget.reason", $"reason{index}"));
            await host.SpendAsync($"tenants/tenant:{index}", 0.01m * index, limit: 5);
        }

        for (var agent = 1; agent <= 2 * Values; agent++)
            await AskAsync(host, "question", $"agent{agent}", inputTokens: agent);
        using var response = await host.SendAsync("GET", "/metrics");
        var lines = (await response.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Where(static line => line[0] != '#').ToList();

        lines.ShouldBe(lines.DistinctBy(static line => line[..line.LastIndexOf(' ')]), "a series is told once");
        foreach (var label in (string[])["tokenbudget_agent", "gen_ai_request_model", "tokenbudget_budget", "tokenbudget_reason", "tokenbudget_limit"])
            lines.SelectMany(line => Regex.Matches(line, label + "=\"([^\"]*)\"").Select(static match => match.Groups[1].Value)).Distinct().Count()
                .ShouldBeInRange(Values, (2 * Values) + 1, label);
        lines.GroupBy(static line => line.Split('{', ' ')[0]).Where(static family => !family.Key.EndsWith("_bucket", StringComparison.Ordinal)).Max(static family => family.Count())
            .ShouldBeLessThanOrEqualTo(Values + 1 + MeterReader.MaxSeries);
        // Nothing is lost: what has no name of its own is told with the others.
        Sum("test_cost_usd_total").ShouldBe(300);
        Sum("tokenbudget_rate_limit_requests").ShouldBe(2 * Values);
        Sum("test_routed_total").ShouldBe(300);
        Sum("tokenbudget_budget_settled_usd").ShouldBe(448.5, 1e-6);
        Sum("tokenbudget_budget_limit_usd").ShouldBe(1_500);
        // Counters name the first, so that a series never jumps; gauges the fullest.
        lines.ShouldContain("test_cost_usd_total{tokenbudget_agent=\"agent0\"} 1");
        lines.ShouldContain("test_cost_usd_total{tokenbudget_agent=\"other\"} 290");
        lines.ShouldContain("tokenbudget_budget_settled_usd{tokenbudget_budget=\"tenants/tenant:299\",period=\"Day\"} 2.99");
        lines.ShouldContain("tokenbudget_context_tokens{tokenbudget_agent=\"agent20\",tokenbudget_method=\"Ask\"} 20");
        lines.ShouldContain("tokenbudget_context_tokens{tokenbudget_agent=\"other\",tokenbudget_method=\"other\"} 10");

        double Sum(string family) => lines.Where(line => line.Split('{', ' ')[0] == family).Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Pairs_of_labels_are_bounded_too()
    {
        await using var host = await StartAsync();
        using var meter = new Meter(new MeterOptions("TokenBudget") { Scope = host.Runtime.Telemetry });
        var routed = meter.CreateCounter<long>("test.routed");
        for (var agent = 0; agent < 40; agent++)
            for (var model = 0; model < 40; model++)
                routed.Add(1, new("tokenbudget.agent", $"agent{agent}"), new("gen_ai.request.model", $"model{model}"), new("tokenbudget.reason", "budget"));

        using var response = await host.SendAsync("GET", "/metrics");
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n').Where(static line => line.StartsWith("test_routed_total{", StringComparison.Ordinal)).ToList();

        lines.Count.ShouldBe(MeterReader.MaxSeries + 1);
        lines.ShouldContain("test_routed_total{gen_ai_request_model=\"other\",tokenbudget_agent=\"other\",tokenbudget_reason=\"other\"} 1100");
    }

    [Fact]
    public void What_is_itself_called_other_is_one_of_them()
    {
        var top = Top.Of([("a", 3), ("other", 2), ("b", 1)], most: 2, static item => item.Item2, static item => item.Item1, "other");

        top.Select(static group => (group.Labels, group.Items.Count)).ShouldBe([("a", 1), ("other", 2)]);
        var bound = new LabelBound(1);
        ((string[])[bound.Of("a"), bound.Of("b"), bound.Of("other"), bound.Of("a")]).ShouldBe(["a", "other", "other", "a"]);
    }

    [Fact]
    public void A_label_must_be_allowed_one_value_at_least() =>
        Should.Throw<ArgumentOutOfRangeException>(static () => new TokenBudgetEndpointOptions { PrometheusLabelValues = 0 }.Validate()).ParamName.ShouldBe("PrometheusLabelValues");

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

    private static async Task AskAsync(Host host, string prompt, string agent = "Support", int inputTokens = 30)
    {
        using var client = host.Runtime.CreateClient(new Echo(inputTokens), new AgentMethodPolicy
        {
            Agent = agent,
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
