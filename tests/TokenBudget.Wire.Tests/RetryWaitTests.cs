using TokenBudget.Configuration;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>How long to wait, in every form in which providers say it, and how much asking again may cost.</summary>
public sealed class RetryWaitTests
{
    private const int Bound = 60_000;

    private static readonly Dictionary<string, (SimulatedRetryAfter? Told, double AtLeastSeconds)> Waits = new(StringComparer.Ordinal)
    {
        ["whole seconds"] = (SimulatedRetryAfter.Seconds(20), 20),
        ["decimals"] = (SimulatedRetryAfter.Seconds(1.75m), 1.75),
        ["a date"] = (SimulatedRetryAfter.HttpDate(TimeSpan.FromSeconds(30)), 30),
        ["milliseconds"] = (SimulatedRetryAfter.Milliseconds(2_500), 2.5),
        ["zero"] = (SimulatedRetryAfter.Seconds(0), 0),
        ["a negative number"] = (SimulatedRetryAfter.Raw("-1"), 0),
        ["a word"] = (SimulatedRetryAfter.Raw("soon"), 0),
        ["nothing"] = (null, 0),
    };

    public static TheoryData<string, WireClient, bool> Rows
    {
        get
        {
            var data = new TheoryData<string, WireClient, bool>();
            foreach (var name in Waits.Keys)
                foreach (var client in Enum.GetValues<WireClient>())
                    data.Add(name, client, client is WireClient.AnthropicSdk or WireClient.OpenAIHttp);
            return data;
        }
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Rows))]
    public async Task Nobody_asks_before_that(string name, WireClient client, bool isStream)
    {
        var (told, atLeast) = Waits[name];
        await using var wire = await Wire.StartAsync(client, options => options with
        {
            Faults = FaultPlan.InOrder(SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = told }, OpenAIErrors.TokenRateLimit with { RetryAfter = told })),
        });

        (await wire.AskAsync("Tell me a story.", isStream)).Text.ShouldBe(Wire.Story);

        var waited = (wire.Provider.Log[1].ArrivedAt - wire.Provider.Log[0].RespondedAt!.Value).TotalSeconds;
        // Where nothing is said a random wait has to do.
        waited.ShouldBeInRange(atLeast, atLeast + 3);
        await wire.ShouldBeCleanAsync();
    }

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk, "1000000000", null)]
    [InlineData(WireClient.OpenAIHttp, "121", null)]
    [InlineData(WireClient.OpenAISdk, "30", 10.0)]
    [InlineData(WireClient.AnthropicHttp, "30", 10.0)]
    public async Task A_wait_that_is_too_long_fails_at_once(WireClient client, string told, double? maxWaitSeconds)
    {
        var wait = SimulatedRetryAfter.Raw(told);
        await using var wire = await Wire.StartAsync(client, options => options with
        {
            Faults = FaultPlan.InOrder(SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = wait }, OpenAIErrors.TokenRateLimit with { RetryAfter = wait })),
        });
        var before = wire.Clock.GetUtcNow();
        var budgeted = wire.With(new BudgetSettings { MaxWait = maxWaitSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null });

        var exception = await Should.ThrowAsync<Exception>(() => wire.RunAsync(Wire.AskAsync(budgeted, "Tell me a story.", isStream: false)));

        ProviderFailure.Of(exception).ShouldNotBeNull().Error.Kind.ShouldBe(ProviderErrorKind.RateLimited);
        wire.Clock.GetUtcNow().ShouldBe(before);
        wire.Provider.Log.Count.ShouldBe(1);
        // Whoever comes next is told without asking the provider.
        if (maxWaitSeconds is not null)
            await Should.ThrowAsync<RateLimitExceededException>(() => wire.RunAsync(Wire.AskAsync(budgeted, "And now?", isStream: false)));
        wire.Provider.Log.Count.ShouldBe(1);
        await wire.ShouldBeCleanAsync();
    }

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk, 11, 0)]
    [InlineData(WireClient.AnthropicHttp, 12, 0)]
    [InlineData(WireClient.OpenAISdk, 13, 0)]
    [InlineData(WireClient.OpenAIHttp, 14, 0)]
    [InlineData(WireClient.AnthropicHttp, 15, 10)]
    [InlineData(WireClient.OpenAISdk, 16, 10)]
    public async Task When_every_tenth_request_fails_no_more_than_every_tenth_call_asks_again(WireClient client, int seed, int reserve)
    {
        const int Calls = 300;
        await using var wire = await Wire.StartAsync(
            client,
            options => options with
            {
                Faults = FaultPlan.Seeded(
                    seed,
                    (0.03, SimulatedFault.Overloaded),
                    (0.03, SimulatedFault.InternalError),
                    (0.02, SimulatedFault.ResetConnection),
                    (0.01, SimulatedFault.BadGatewayHtml),
                    (0.01, SimulatedFault.CutAfterEvents(1))),
                VerdictRules = new SimulatorVerdictRules { MaxRequestsPerCall = 1.1 },
            },
            options => options.Retries.BudgetReserve = reserve);

        var failed = 0;
        for (var round = 0; round < Calls / 20; round++)
        {
            await wire.RunAsync(Task.WhenAll(Enumerable.Range(round * 20, 20).Select(async call =>
            {
                try
                {
                    (await Wire.AskAsync(wire.Client, $"Story {call}.", isStream: call % 2 == 0)).Text.ShouldBe(Wire.Story);
                }
                catch (Exception exception) when (ProviderFailure.Of(exception) is not null)
                {
                    Interlocked.Increment(ref failed);
                }
            })));
        }

        await wire.ShouldBeCleanAsync();
        var verdict = wire.Provider.GetVerdict();
        verdict.Calls.ShouldBe(Calls);
        verdict.Requests.ShouldBeGreaterThan(Calls);
        // Without a reserve many retries are not earned yet. With the usual one nearly all are: what fails needs a little more than a tenth, because every tenth retry fails too.
        failed.ShouldBeLessThan(reserve == 0 ? Calls / 10 : Calls / 30);
        // What the provider billed whole is charged to the pico-dollar, whatever failed in between.
        (await wire.LinesAsync()).Where(static line => !line.IsEstimate).Sum(static line => line.Cost.PicoDollars)
            .ShouldBe(wire.Provider.Log.Where(static exchange => exchange is { Status: 200, Completed: true }).Sum(static exchange => exchange.PicoDollars));
    }

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk)]
    [InlineData(WireClient.AnthropicHttp)]
    [InlineData(WireClient.OpenAISdk)]
    [InlineData(WireClient.OpenAIHttp)]
    public async Task Limits_that_are_lowered_are_kept_from_then_on(WireClient client)
    {
        await using var wire = await Wire.StartAsync(client, static options => options with
        {
            Faults = FaultPlan.At((3, SimulatedFault.ChangeLimits(new SimulatedLimits { RequestsPerMinute = 6 }))),
        });

        for (var call = 0; call < 12; call++)
            (await wire.AskAsync($"Story {call}.", isStream: call % 2 == 0)).Text.ShouldBe(Wire.Story);

        // The headers of the third answer tell it in time.
        wire.Provider.GetVerdict().RateLimited.ShouldBe(0);
        await wire.ShouldBeCleanAsync();
    }
}
