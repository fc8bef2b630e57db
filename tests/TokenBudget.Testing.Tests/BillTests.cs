using System.Net;

namespace TokenBudget.Testing.Tests;

/// <summary>The bill, to the pico-dollar.</summary>
public sealed class BillTests
{
    private const int Bound = Simulation.Bound;

    private static readonly SimulatedModel Haiku = SimulatedModel.FromUsdPerMillionTokens("claude-haiku-4-5", 1m, 5m);

    [Fact]
    public void List_prices_become_whole_pico_dollars()
    {
        var model = Simulation.SonnetModel;

        model.Input.ShouldBe(3_000_000);
        model.Output.ShouldBe(15_000_000);
        model.CacheRead.ShouldBe(300_000);
        model.CacheWrite5Minutes.ShouldBe(3_750_000);
        model.CacheWrite1Hour.ShouldBe(6_000_000);
        SimulatedModel.FromUsdPerMillionTokens("cheap", 0.1m, 0.4m).CacheRead.ShouldBe(10_000);
        Should.Throw<ArgumentException>(() => SimulatedModel.FromUsdPerMillionTokens("odd", 0.0000001m, 1m));
    }

    [Fact(Timeout = Bound)]
    public async Task It_agrees_with_a_computation_by_hand()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Models = [Simulation.SonnetModel, Haiku],
            Limits = options.Limits with { RequestsPerMinute = 4 },
        });
        var prefix = new string('s', 4_428);
        var cached = $$$$"""{"model":"{{{{Simulation.Sonnet}}}}","max_tokens":9,"system":[{"type":"text","text":"{{{{prefix}}}}","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"}]}""";
        var hour = cached.Replace("\"ephemeral\"", "\"ephemeral\",\"ttl\":\"1h\"", StringComparison.Ordinal).Replace("ssss\"", "ssst\"", StringComparison.Ordinal);

        await simulation.AskAsync(cached);
        await simulation.AskAsync(cached);
        await simulation.AskAsync(hour);
        await simulation.AskAsync(Simulation.Body("Hello, you").Replace(Simulation.Sonnet, Haiku.Id, StringComparison.Ordinal));
        await simulation.AskAsync(cached);
        await simulation.AskAsync("{}");

        // "Hi" is one token, framed by 5 and 3; "ok" is one token; the prefix is 1,197 and framed by 3.
        const long Write = (9 * 3_000_000) + (1_200L * 3_750_000) + (1 * 15_000_000);
        const long Read = (9 * 3_000_000) + (1_200L * 300_000) + (1 * 15_000_000);
        const long WriteHour = (9 * 3_000_000) + (1_200L * 6_000_000) + (1 * 15_000_000);
        const long OnHaiku = (11 * 1_000_000) + (1 * 5_000_000);
        var bill = simulation.Provider.Bill;
        bill.ShouldBe(new SimulatorBill
        {
            Requests = 6,
            SucceededRequests = 4,
            RateLimited = 1,
            InputTokens = 9 + 9 + 9 + 11,
            CacheReadTokens = 1_200,
            CacheWriteTokens = 2_400,
            OutputTokens = 4,
            PicoDollars = Write + Read + WriteHour + OnHaiku,
            LargestRequestTokens = 1_209,
        });
        bill.Usd.ShouldBe(0.012202m);
        bill.ToString().ShouldStartWith("$0.012202 for 4 of 6 requests (1 rate limited): 38 fresh");
        var byModel = simulation.Provider.BillByModel;
        byModel.Keys.ShouldBe([Simulation.Sonnet, Haiku.Id], ignoreOrder: true);
        byModel[Haiku.Id].PicoDollars.ShouldBe(OnHaiku);
        byModel[Simulation.Sonnet].RateLimited.ShouldBe(1);
        simulation.Provider.Log.Select(exchange => exchange.PicoDollars).ShouldBe([Write, Read, WriteHour, OnHaiku, 0, 0]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_part_of_the_log_has_its_own_bill()
    {
        await using var simulation = await Simulation.StartAsync();
        await simulation.AskAsync(Simulation.Body("Hi"), ("x-simulator-client", "a"));
        await simulation.AskAsync(Simulation.Body("Hi"), ("x-simulator-client", "b"));
        await simulation.AskAsync(Simulation.Body("Hi"), ("x-simulator-client", "a"));

        var bill = SimulatorBill.Of(simulation.Provider.Log.Where(exchange => exchange.ClientId == "a"));

        bill.Requests.ShouldBe(2);
        bill.PicoDollars.ShouldBe(2 * ((9 * 3_000_000) + 15_000_000));
        SimulatorBill.Of([]).PicoDollars.ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task Many_at_once_are_all_billed()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = SimulatedLimits.None });
        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async index =>
        {
            using var response = await simulation.PostAsync(Simulation.Body("Hi").Replace("\"max_tokens\"", $"\"stream\":{(index % 2 == 0 ? "true" : "false")},\"max_tokens\"", StringComparison.Ordinal));
            await response.Content.ReadAsByteArrayAsync();
            return response.StatusCode;
        }));

        statuses.ShouldAllBe(status => status == HttpStatusCode.OK);
        simulation.Provider.Bill.PicoDollars.ShouldBe(200L * ((9 * 3_000_000) + 15_000_000));
        simulation.Provider.Log.ShouldAllBe(exchange => exchange.Completed);
    }

    [Fact(Timeout = Bound)]
    public async Task The_log_tells_when_who_and_what()
    {
        await using var simulation = await Simulation.StartAsync();
        var start = simulation.Clock.GetUtcNow();
        simulation.Clock.Advance(TimeSpan.FromSeconds(7));
        await simulation.AskAsync(Simulation.Body("Hi"), ("x-simulator-client", "worker-1"), ("x-simulator-call", "call-1"));
        await simulation.AskAsync(Simulation.Body("Hi").Replace(Simulation.Sonnet, "gpt-5", StringComparison.Ordinal));

        var log = simulation.Provider.Log;
        log[0].ArrivedAt.ShouldBe(start + TimeSpan.FromSeconds(7));
        log[0].RespondedAt.ShouldBe(log[0].ArrivedAt);
        (log[0].ClientId, log[0].CallId, log[0].Model, log[0].Status, log[0].PromptTokens).ShouldBe(("worker-1", "call-1", Simulation.Sonnet, 200, 9));
        (log[1].ClientId, log[1].Model, log[1].LimitClass, log[1].Status, log[1].ErrorType).ShouldBe(("", "gpt-5", "", 404, "not_found_error"));
        log[1].CallId.ShouldStartWith("sha256:");
    }
}
