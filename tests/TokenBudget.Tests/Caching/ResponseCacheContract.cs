using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

/// <summary>What the engine relies on in any response cache.</summary>
public abstract class ResponseCacheContract
{
    protected abstract IResponseCache Create();

    [Fact]
    public async Task An_answer_is_made_once_and_each_caller_gets_its_own()
    {
        var cache = Create();
        var first = await AskAsync(cache);
        var second = await AskAsync(cache, answer: "never asked");
        (first.Outcome, second.Outcome, second.Response.Text).ShouldBe((CacheOutcome.Miss, CacheOutcome.Hit, "answer"));
        second.Response.Messages[0].Contents.Clear();
        second.Response.Usage!.InputTokenCount = 99;
        var third = await AskAsync(cache, answer: "never asked");
        (third.Response.Text, third.Response.Usage!.InputTokenCount).ShouldBe(("answer", 3));
        cache.GetStatistics().ShouldSatisfyAllConditions(static statistics => (statistics.Hits, statistics.Misses).ShouldBe((2, 1)));
    }

    [Fact]
    public async Task Looking_makes_nothing()
    {
        var cache = Create();
        (await cache.TryGetAsync(Key(), Info)).ShouldBeNull();
        cache.GetStatistics().ShouldSatisfyAllConditions(static statistics => (statistics.Hits, statistics.Misses).ShouldBe((0, 0)));
        await AskAsync(cache);
        (await cache.TryGetAsync(Key(), Info)).ShouldNotBeNull().Text.ShouldBe("answer");
        (await cache.TryGetAsync(Key(), Info with { Scope = "bob" })).ShouldBeNull();
        cache.GetStatistics().Hits.ShouldBe(1);
    }

    [Fact]
    public async Task Scopes_share_nothing_even_under_one_key()
    {
        var cache = Create();
        await AskAsync(cache, answer: "alice's", scope: "alice");
        (await AskAsync(cache, answer: "bob's", scope: "bob")).Response.Text.ShouldBe("bob's");
        (await AskAsync(cache, answer: "nobody's")).Response.Text.ShouldBe("nobody's");
        (await AskAsync(cache, scope: "alice")).Response.Text.ShouldBe("alice's");
    }

    [Fact]
    public async Task What_is_not_complete_is_not_kept_and_a_conversation_of_the_provider_belongs_to_one()
    {
        var cache = Create();
        foreach (var bad in (ChatResponse[])[Answer("cut", ChatFinishReason.Length), Answer("filtered", ChatFinishReason.ContentFilter), Answer(" ")])
        {
            (await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult(bad))).Response.ShouldBeSameAs(bad);
            cache.TryStore(Key(), Info, bad).ShouldBeFalse();
            (await cache.TryGetAsync(Key(), Info)).ShouldBeNull();
        }

        var whole = Answer("whole");
        whole.ConversationId = "mine";
        await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult(whole));
        (await cache.TryGetAsync(Key(), Info)).ShouldNotBeNull().ConversationId.ShouldBeNull();
    }

    [Fact]
    public async Task A_failure_reaches_its_caller_and_is_not_kept()
    {
        var cache = Create();
        await Should.ThrowAsync<HttpRequestException>(async () => await cache.GetOrCreateAsync(Key(), Info, static _ => throw new HttpRequestException("down")));
        (await AskAsync(cache)).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task Streams_and_answers_share_entries_both_ways()
    {
        var cache = Create();
        var outcomes = new List<CacheOutcome>();
        (await cache.GetOrCreateStreamAsync(Key("a"), Info, static _ => Stream(Update("one "), Update("two"), End()), outcomes.Add).ToListAsync()).Text().ShouldBe("one two");
        (await AskAsync(cache, "a")).Response.Text.ShouldBe("one two");
        await AskAsync(cache, "b", "whole");
        (await cache.GetOrCreateStreamAsync(Key("b"), Info, static _ => throw new InvalidOperationException("asked"), outcomes.Add).ToListAsync()).Text().ShouldBe("whole");
        outcomes.ShouldBe([CacheOutcome.Miss, CacheOutcome.Hit]);
        // Broken off, it is not kept.
        await foreach (var _ in cache.GetOrCreateStreamAsync(Key("c"), Info, static _ => Stream(Update("one "), Update("two"), End())))
            break;
        (await cache.TryGetAsync(Key("c"), Info)).ShouldBeNull();
    }

    [Fact]
    public async Task Equal_calls_at_once_make_one_answer()
    {
        var cache = Create();
        var gate = new TaskCompletionSource();
        var made = 0;
        var calls = Enumerable.Range(0, 100).Select(_ => cache.GetOrCreateAsync(Key(), Info, async _ =>
        {
            Interlocked.Increment(ref made);
            await gate.Task;
            return Answer();
        }).AsTask()).ToList();
        gate.SetResult();
        (await Task.WhenAll(calls)).ShouldAllBe(static result => result.Response.Text == "answer");
        made.ShouldBe(1);
    }

    [Fact]
    public async Task All_or_an_agent_s_or_a_method_s_or_a_scope_s_answers_are_forgotten()
    {
        var orders = new (string Forgets, Func<IResponseCache, ValueTask<int>> Clear)[]
        {
            ("1234", static cache => cache.ClearAsync()),
            ("12", static cache => cache.ClearAgentAsync("a")),
            ("2", static cache => cache.ClearMethodAsync("a", "n")),
            ("4", static cache => cache.ClearScopeAsync("alice")),
            ("", static cache => cache.ClearAgentAsync("A")),
        };
        foreach (var (forgets, clear) in orders)
        {
            var cache = Create();
            var entries = new Dictionary<string, CacheEntryInfo>
            {
                ["1"] = new() { Agent = "a", Method = "m" },
                ["2"] = new() { Agent = "a", Method = "n" },
                ["3"] = new() { Agent = "b", Method = "m" },
                ["4"] = new() { Agent = "b", Method = "m", Scope = "alice" },
            };
            foreach (var (name, info) in entries)
                cache.TryStore(Key(name), info, Answer(name)).ShouldBeTrue();
            await clear(cache);
            var left = string.Empty;
            foreach (var (name, info) in entries)
                left += await cache.TryGetAsync(Key(name), info) is null ? name : "";
            left.ShouldBe(forgets);
        }
    }

    private static ValueTask<CacheResult> AskAsync(IResponseCache cache, string key = "x", string answer = "answer", string? scope = null) =>
        cache.GetOrCreateAsync(Key(key), Info with { Scope = scope }, _ => Task.FromResult(Answer(answer)));
}
