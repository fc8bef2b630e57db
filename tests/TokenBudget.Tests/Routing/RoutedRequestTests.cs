using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Routing;

/// <summary>Requests that go to another model are cut, priced, reserved and booked for that one.</summary>
public sealed class RoutedRequestTests
{
    private const string Cheap = "cheap-1";

    private static readonly List<ChatMessage> Hello = [new(ChatRole.User, "hello there")];

    private static CallSample Sample() => new(static options => options.Models = options.Models.With(CallSample.ModelInfo with
    {
        Id = Cheap,
        Prices = [new ModelPrices { Rates = CallSample.ModelInfo.Prices[0].Rates with { Input = 10_000, Output = 100_000, CacheRead = 10_000, CacheWrite5Minutes = 10_000, CacheWrite1Hour = 10_000, Reasoning = 100_000 } }],
    }));

    private static FakeChatClient Answers() => new() { Otherwise = static _ => FakeReply.Text("x", 100, 100) };

    [Fact]
    public async Task A_simple_request_goes_to_the_small_model_and_is_booked_there()
    {
        await using var sample = Sample();
        var fake = Answers();
        var client = sample.Client(fake, new BudgetSettings { WhenSimple = Cheap, SimpleTokens = 50, LimitUsd = 1 });
        await client.GetResponseAsync(Hello);
        await client.GetResponseAsync(Hello, new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "tool")] });
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, string.Join(' ', Enumerable.Repeat("word", 60)))]);
        await client.GetResponseAsync(Hello, new ChatOptions { ModelId = "cached-1" });
        fake.Requests.Select(static request => request.Options!.ModelId).ShouldBe([Cheap, CallSample.Model, CallSample.Model, "cached-1"]);
        var lines = await sample.LinesAsync();
        lines.Select(static line => line.Model).ShouldBe([Cheap, CallSample.Model, CallSample.Model, "cached-1"]);
        lines[0].Cost.ShouldBe(new Usd((100 * 10_000) + (100 * 100_000)));
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_low_budget_goes_to_the_cheaper_model(bool streaming)
    {
        await using var sample = Sample();
        var fake = Answers();
        // A call costs 0.11 of a cent.
        var client = sample.Client(fake, new BudgetSettings { WhenBudgetIsLow = Cheap, LowBudgetPercent = 50, LimitUsd = 0.004m, MaxOutputTokens = 100 });
        for (var call = 0; call < 5; call++)
            if (streaming)
                await client.GetStreamingResponseAsync(Hello).ToChatResponseAsync();
            else
                await client.GetResponseAsync(Hello);
        fake.Requests.Select(static request => request.Options!.ModelId).ShouldBe([CallSample.Model, CallSample.Model, Cheap, Cheap, Cheap]);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task What_does_not_fit_goes_to_the_cheaper_model_or_is_refused()
    {
        await using var sample = Sample();
        var fake = Answers();
        var settings = new BudgetSettings { AtLimit = AtLimit.CheaperModel, WhenBudgetIsLow = Cheap, LowBudgetPercent = 100, LimitUsd = 0.00112m, MaxOutputTokens = 100 };
        var client = sample.Client(fake, settings);
        await client.GetResponseAsync(Hello);
        await client.GetResponseAsync(Hello);
        var exceeded = await Should.ThrowAsync<BudgetExceededException>(() => client.GetResponseAsync(Hello));
        fake.Requests.Count.ShouldBe(2);
        fake.Requests[1].Options!.ModelId.ShouldBe(Cheap);
        exceeded.Requested.ShouldBeLessThan(Usd.FromDollars(0.0005m), "even the cheaper one did not fit");
        (await sample.LinesAsync()).Sum(static line => line.Cost.Dollars).ShouldBeLessThanOrEqualTo(0.00112m);
        sample.ShouldHoldNothing();
        Should.Throw<TokenBudgetConfigurationException>(() => sample.Client(fake, settings with { WhenBudgetIsLow = null })).Message.ShouldContain("WhenBudgetIsLow");
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData((HttpStatusCode)529)]
    public async Task An_overloaded_model_is_left_alone_for_a_minute(HttpStatusCode status)
    {
        await using var sample = Sample();
        var fake = new FakeChatClient(FakeReply.Fails(new HttpRequestException("overloaded", null, status))) { Otherwise = static _ => FakeReply.Text("x", 10, 10) };
        var client = sample.Client(fake, new BudgetSettings { WhenOverloaded = Cheap });
        try
        {
            await client.GetResponseAsync(Hello);
        }
        catch (HttpRequestException)
        {
        }

        await client.GetResponseAsync(Hello);
        sample.Time.Advance(TimeSpan.FromMinutes(2));
        await client.GetResponseAsync(Hello);
        fake.Requests[0].Options!.ModelId.ShouldBe(CallSample.Model);
        fake.Requests[^2].Options!.ModelId.ShouldBe(Cheap);
        fake.Requests[^1].Options!.ModelId.ShouldBe(CallSample.Model);
        sample.ShouldHoldNothing();
    }
}
