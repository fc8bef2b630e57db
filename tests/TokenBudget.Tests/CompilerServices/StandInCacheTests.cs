using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Models;
using TokenBudget.Tests.Caching;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>What a routed call may leave in the cache.</summary>
public sealed class StandInCacheTests
{
    private const string Cheap = "cheap-1";

    private static readonly BudgetSettings Cached = new() { Model = CallSample.Model, Cached = true, CacheScope = CacheScope.Global, MaxOutputTokens = 100, CacheTtl = TimeSpan.FromDays(9) };

    private static CallSample Sample() => new(static options => options.Models = options.Models.With(CallSample.ModelInfo with
    {
        Id = Cheap,
        Prices = [new ModelPrices { Rates = CallSample.ModelInfo.Prices[0].Rates with { Input = 10_000, Output = 100_000, CacheRead = 10_000, CacheWrite5Minutes = 10_000, CacheWrite1Hour = 10_000, Reasoning = 100_000 } }],
    }));

    /// <summary>Answers with the name of the model that was asked.</summary>
    private static FakeChatClient Answers(bool tellsModel = true) => new()
    {
        Otherwise = request => FakeReply.Text(request.Options!.ModelId!, 100, 100) with { ModelId = tellsModel ? request.Options!.ModelId : null },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_made_cheaply_because_the_budget_is_low_serves_nobody_else(bool streaming)
    {
        await using var sample = Sample();
        var fake = Answers();
        // A call costs 0.11 of a cent: after two, half of the budget is spent.
        var method = sample.Bind(fake, Cached with { WhenBudgetIsLow = Cheap, LowBudgetPercent = 50, LimitUsd = 0.004m });
        foreach (var question in (string[])["a", "b", "a", "c", "c"])
            await AskAsync(question);
        fake.Requests.Select(static request => request.Options!.ModelId).ShouldBe([CallSample.Model, CallSample.Model, Cheap, Cheap]);
        sample.Runtime.Cache.GetStatistics().Entries.ShouldBe(2);
        // What the model itself said serves on; and once there is room again, it is the one who answers.
        (await AskAsync("b")).ShouldBe(CallSample.Model);
        sample.Time.Advance(TimeSpan.FromDays(1));
        (await AskAsync("c")).ShouldBe(CallSample.Model);

        async Task<string> AskAsync(string question) =>
            streaming ? (await method.StreamAsync(question).ToListAsync()).Text() : await method.AskAsync(question);
    }

    [Fact]
    public async Task A_route_by_the_request_is_in_the_key_and_its_answer_is_kept()
    {
        await using var sample = Sample();
        var fake = Answers();
        for (var i = 0; i < 2; i++)
        {
            (await sample.Bind(fake, Cached with { WhenSimple = Cheap, SimpleTokens = 50 }).AskAsync("a")).ShouldBe(Cheap);
            (await sample.Bind(fake, Cached).AskAsync("a")).ShouldBe(CallSample.Model);
            (await sample.Bind(fake, Cached with { WhenSimple = Cheap, SimpleTokens = 1 }).AskAsync("a")).ShouldBe(CallSample.Model);
        }

        fake.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_client_that_does_not_say_who_answered_may_have_asked_anybody(bool tellsModel, int requests)
    {
        await using var sample = Sample();
        var fake = Answers(tellsModel);
        var method = sample.Bind(fake, Cached with { WhenOverloaded = Cheap });
        await method.AskAsync("a");
        await method.AskAsync("a");
        fake.Requests.Count.ShouldBe(requests);
        // Without such a route there is nobody else.
        var plain = sample.Bind(fake, Cached);
        await plain.AskAsync("b");
        await plain.AskAsync("b");
        fake.Requests.Count.ShouldBe(requests + 1);
    }

    [Fact]
    public async Task Whoever_marks_an_answer_no_store_keeps_it_out()
    {
        var cache = CacheSample.Cache();
        var marked = CacheSample.Answer();
        marked.AdditionalProperties = new() { ["tokenbudget.cache"] = "no-store" };
        await cache.GetOrCreateAsync(CacheSample.Key(), CacheSample.Info, _ => Task.FromResult(marked));
        cache.TryStore(CacheSample.Key(), CacheSample.Info, marked).ShouldBeFalse();
        var end = CacheSample.End();
        end.AdditionalProperties = new() { ["tokenbudget.cache"] = "no-store" };
        await cache.GetOrCreateStreamAsync(CacheSample.Key("s"), CacheSample.Info, _ => CacheSample.Stream(CacheSample.Update("one"), end)).ToListAsync();
        cache.GetStatistics().Entries.ShouldBe(0);
    }
}
