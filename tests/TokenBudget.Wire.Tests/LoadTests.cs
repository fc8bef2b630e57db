using TokenBudget.Configuration;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>More than the provider allows, minute after minute.</summary>
public sealed class LoadTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Bound = 120_000;
    private const int TokensPerMinute = 400_000;
    private const int RequestsPerMinute = 500;

    private static readonly int Minutes = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 4 : 1;

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk, 1)]
    [InlineData(WireClient.AnthropicHttp, 2)]
    [InlineData(WireClient.OpenAISdk, 3)]
    [InlineData(WireClient.OpenAIHttp, 4)]
    public async Task Five_hundred_requests_a_minute_are_never_refused(WireClient client, int seed)
    {
        await using var wire = await Wire.StartAsync(client, static options => options with
        {
            // The same limit in whichever way the provider counts.
            Limits = new SimulatedLimits { RequestsPerMinute = RequestsPerMinute, TokensPerMinute = TokensPerMinute, InputTokensPerMinute = TokensPerMinute, OutputTokensPerMinute = TokensPerMinute },
            Responder = static (request, _) => ValueTask.FromResult(SimulatedReply.Text(new string('y', 370 * (1 + (request.Number % 3))))),
            Latency = new SimulatedLatency { TimeToFirstToken = TimeSpan.FromSeconds(1), OutputTokensPerSecond = 100 },
            VerdictRules = new SimulatorVerdictRules { MaxRequestsPerCall = 1, MaxRequestsPerMinute = RequestsPerMinute, MaxTokensPerMinute = TokensPerMinute },
        });
        var limited = wire.With(new BudgetSettings { TokensPerMinute = TokensPerMinute, RequestsPerMinute = RequestsPerMinute, MaxOutputTokens = 400 });

        await wire.RunAsync(ArriveAsync());

        output.WriteLine($"{client}: {wire.Provider.GetVerdict()}");
        var verdict = wire.Provider.GetVerdict();
        verdict.RateLimited.ShouldBe(0, verdict.ToString());
        verdict.Requests.ShouldBe(RequestsPerMinute * Minutes);
        // It was too much: the limit was used, not only kept.
        verdict.WorstMinute.Tokens.ShouldBeGreaterThan((long)(0.9 * TokensPerMinute));
        await wire.ShouldBeCleanAsync();
        (await wire.LinesAsync()).Sum(static line => line.Cost.PicoDollars).ShouldBe(wire.Provider.Bill.PicoDollars);

        async Task ArriveAsync()
        {
            var random = new Random(seed);
            var calls = new List<Task>();
            // Ten a second on average, in bursts, some large.
            while (calls.Count < RequestsPerMinute * Minutes)
            {
                var burst = Math.Min(random.Next(0, 35), (RequestsPerMinute * Minutes) - calls.Count);
                for (var call = 0; call < burst; call++)
                    calls.Add(Wire.AskAsync(limited, $"{calls.Count} {new string('x', random.Next(10) == 0 ? 12_000 : 1_800)}", isStream: false));
                await Task.Delay(TimeSpan.FromSeconds(2), wire.Clock);
            }

            await Task.WhenAll(calls);
        }
    }
}
