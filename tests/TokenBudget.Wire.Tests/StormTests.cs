using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>200 callers are refused together.</summary>
public sealed class StormTests
{
    private const int Bound = 120_000;
    private const int Callers = 200;

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk, 5, 1)]
    [InlineData(WireClient.AnthropicHttp, 25, 3)]
    [InlineData(WireClient.OpenAISdk, 25, 3)]
    [InlineData(WireClient.OpenAIHttp, 5, 1)]
    public async Task One_asks_when_the_wait_is_over_and_the_others_follow(WireClient client, int refusedForSeconds, int coolDowns)
    {
        var refusal = SimulatedFault.Fail(
            AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.Seconds(10) },
            OpenAIErrors.TokenRateLimit with { RetryAfter = SimulatedRetryAfter.Seconds(10) });
        await using var wire = await Wire.StartAsync(client, options =>
        {
            var begun = options.TimeProvider.GetUtcNow();
            return options with
            {
                Faults = FaultPlan.When(request => (request.ArrivedAt - begun).TotalSeconds < refusedForSeconds, refusal),
                VerdictRules = new SimulatorVerdictRules { MaxProbes = 1, MaxAttempts = 1 + coolDowns },
            };
        });
        wire.Stillness = 15;

        var answers = await wire.RunAsync(Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Wire.AskAsync(wire.Client, $"Story {caller}.", isStream: caller % 2 == 0))));

        answers.ShouldAllBe(static answer => answer.Text == Wire.Story);
        await wire.ShouldBeCleanAsync();
        var verdict = wire.Provider.GetVerdict();
        verdict.MostProbes.ShouldBe(1);
        // Those that were under way are refused, then one after each wait; nobody else is sent in vain.
        var refused = wire.Provider.Log.Where(static exchange => exchange.Status == 429).ToList();
        var begun = wire.Provider.Log[0].ArrivedAt;
        refused.Where(exchange => exchange.ArrivedAt > begun).Select(exchange => (exchange.ArrivedAt - begun).TotalSeconds)
            .ShouldBe(Enumerable.Range(1, coolDowns - 1).Select(static wait => wait * 10.0), tolerance: 0.5);
        verdict.Requests.ShouldBe(Callers + refused.Count);
    }
}
