using System.Text.Json;

namespace Orchestrator.Tests;

/// <summary>The sample in a process of its own.</summary>
public sealed class ProgramTests
{
    [Fact]
    public async Task Metrics_and_traces_go_to_where_OpenTelemetrys_variables_say()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var sample = new RunningSample(
            [],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address.AbsoluteUri.TrimEnd('/')),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "250"),
            ("OTEL_BSP_SCHEDULE_DELAY", "250"));

        string[] metrics = ["TokenBudget/tokenbudget.cost", "TokenBudget/tokenbudget.overhead", "TokenBudget/tokenbudget.throttled", "TokenBudget/tokenbudget.prompt_cache.read"];
        string[] spans = ["Orchestrator/WorkStep", "System.Net.Http/POST", "TokenBudget/invoke_agent OrchestratorAgent", "TokenBudget/chat claude-sonnet-4-5"];
        await sample.UntilAsync(() => Task.FromResult(!metrics.Except(receiver.Metrics).Any() && !spans.Except(receiver.Spans).Any()));

        (await sample.StopAsync()).ShouldBeOneOf(0, 130);
    }

    [Fact]
    public async Task Where_it_listens_and_what_it_costs_can_be_asked_while_the_session_runs()
    {
        using var sample = new RunningSample([]);
        using var client = new HttpClient { BaseAddress = await sample.AddressAsync() };

        await sample.UntilAsync(async () =>
        {
            using var costs = JsonDocument.Parse(await client.GetStringAsync("api/metrics/costs"));
            return costs.RootElement.GetProperty("totalUsd").GetDecimal() > 0;
        });

        (await client.GetStringAsync("tokenbudget")).ShouldContain("<html");
        (await sample.StopAsync()).ShouldBeOneOf(0, 130);
        sample.Said.ShouldContain("Stopped.");
        File.Exists(sample.File).ShouldBeTrue();
        File.Exists(sample.File + "-wal").ShouldBeFalse("the store was closed");
    }

    [Fact]
    public async Task What_it_does_not_understand_ends_it_with_its_usage()
    {
        using var unknown = new RunningSample(["--nothing"]);
        using var help = new RunningSample(["--help"]);

        (await unknown.ExitAsync()).ShouldBe(2);
        unknown.Said.ShouldContain("Unknown arguments: --nothing");
        (await help.ExitAsync()).ShouldBe(0);
        foreach (var word in (string[])["--console", "ConnectionStrings__TokenBudget", "OTEL_EXPORTER_OTLP_ENDPOINT", "ASPNETCORE_URLS"])
            help.Said.ShouldContain(word);
    }
}
