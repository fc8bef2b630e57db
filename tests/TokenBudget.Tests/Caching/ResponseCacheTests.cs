using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class ResponseCacheTests
{
    [Theory]
    [InlineData(0, 60, "MaxBytes")]
    [InlineData(-1, 60, "MaxBytes")]
    [InlineData(1, 0, "DefaultTtl")]
    [InlineData(1, -1, "DefaultTtl")]
    public void A_wrong_option_is_a_clear_error(long bytes, int minutes, string name)
    {
        var options = new ResponseCacheOptions { MaxBytes = bytes, DefaultTtl = TimeSpan.FromMinutes(minutes) };
        Should.Throw<ArgumentOutOfRangeException>(() => new ResponseCache(options, TimeProvider.System)).Message.ShouldContain(name);
        Should.Throw<ArgumentOutOfRangeException>(() => Info with { Ttl = TimeSpan.Zero });
    }

    [Fact]
    public async Task The_second_equal_call_is_a_hit_with_the_same_content()
    {
        var cache = Cache();
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
        var hit = await cache.GetAsync(answer: "never asked");
        hit.Outcome.ShouldBe(CacheOutcome.Hit);
        JsonSerializer.Serialize(hit.Response, AIJsonUtilities.DefaultOptions).ShouldBe(JsonSerializer.Serialize(Answer(), AIJsonUtilities.DefaultOptions));
        var statistics = cache.GetStatistics();
        (statistics.Hits, statistics.Misses, statistics.Stored, statistics.Entries).ShouldBe((1, 1, 1, 1));
        statistics.Bytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_answer_serves_for_its_time_and_no_longer()
    {
        var time = new VirtualTimeProvider();
        var cache = Cache(time);
        await cache.GetAsync("default");
        await cache.GetAsync("short", info: Info with { Ttl = TimeSpan.FromMinutes(1) });
        time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        (await cache.GetAsync("short")).Outcome.ShouldBe(CacheOutcome.Hit);
        time.Advance(TimeSpan.FromTicks(1));
        (await cache.GetAsync("short")).Outcome.ShouldBe(CacheOutcome.Miss);
        time.Advance(TimeSpan.FromMinutes(59) - TimeSpan.FromTicks(1));
        (await cache.GetAsync("default")).Outcome.ShouldBe(CacheOutcome.Hit);
        time.Advance(TimeSpan.FromTicks(1));
        (await cache.GetAsync("default")).Outcome.ShouldBe(CacheOutcome.Miss);
        cache.GetStatistics().Expired.ShouldBe(2);
    }

    [Fact]
    public async Task The_least_recently_used_goes_first_and_the_bytes_hold()
    {
        var one = Cache();
        await one.GetAsync("a");
        var size = one.GetStatistics().Bytes;
        var cache = Cache(maxBytes: 3 * size);
        foreach (var key in new[] { "a", "b", "c", "a", "d" })
            await cache.GetAsync(key);

        // "b" went: "a" had been used after it.
        foreach (var key in new[] { "a", "c", "d" })
            (await cache.GetAsync(key)).Outcome.ShouldBe(CacheOutcome.Hit, key);
        (await cache.GetAsync("b")).Outcome.ShouldBe(CacheOutcome.Miss);
        var statistics = cache.GetStatistics();
        (statistics.Evicted, statistics.Entries, statistics.Bytes).ShouldBe((2, 3, 3 * size));
    }

    [Fact]
    public async Task The_bytes_never_exceed_the_limit()
    {
        var random = new Random(7);
        var time = new VirtualTimeProvider();
        var cache = Cache(time, maxBytes: 20_000);
        for (var i = 0; i < 3_000; i++)
        {
            var info = Info with { Scope = random.Next(2) == 0 ? null : "t", Ttl = TimeSpan.FromSeconds(1 + random.Next(50)) };
            await cache.GetAsync($"{random.Next(200)}", new string('x', random.Next(6_000)), info);
            time.Advance(TimeSpan.FromSeconds(random.Next(3)));
            if (i % 500 == 499)
                await cache.ClearScopeAsync("t");
            var statistics = cache.GetStatistics();
            statistics.Bytes.ShouldBeInRange(0, 20_000);
            (statistics.Bytes == 0).ShouldBe(statistics.Entries == 0);
        }

        await cache.ClearAsync();
        cache.GetStatistics().Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_larger_than_the_cache_evicts_nothing()
    {
        var cache = Cache(maxBytes: 2_000);
        await cache.GetAsync("small");
        (await cache.GetAsync("large", new string('x', 2_000))).Outcome.ShouldBe(CacheOutcome.Miss);
        (await cache.GetAsync("small")).Outcome.ShouldBe(CacheOutcome.Hit);
        var statistics = cache.GetStatistics();
        (statistics.Entries, statistics.Evicted, statistics.Rejected).ShouldBe((1, 0, 1));
    }

    [Fact]
    public async Task What_a_caller_does_to_its_answer_reaches_nobody()
    {
        var cache = Cache();
        var first = (await cache.GetAsync()).Response;
        first.Messages[0].Contents.Clear();
        first.Messages.Clear();
        var second = (await cache.GetAsync()).Response;
        ((TextContent)second.Messages[0].Contents[0]).Text = "changed";
        second.Usage!.InputTokenCount = 99;
        var third = (await cache.GetAsync()).Response;
        third.ShouldNotBeSameAs(second);
        third.Text.ShouldBe("answer");
        third.Usage!.InputTokenCount.ShouldBe(3);
    }

    public static TheoryData<string, bool> Answers => new()
    {
        { "stop", true }, { "length", false }, { "filter", false }, { "none", false }, { "own", false }, { "empty", false }, { "blank", false }, { "no message", false },
        { "reasoning only", false }, { "error", false }, { "call, tool_calls", false }, { "call, stop", false }, { "result, stop", false }, { "approval", false },
        { "image", true }, { "reasoning and text", true },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Only_complete_answers_are_kept(string kind, bool kept)
    {
        static ChatResponse With(params AIContent[] contents) => new(new ChatMessage(ChatRole.Assistant, contents)) { FinishReason = ChatFinishReason.Stop };
        var call = new FunctionCallContent("c", "f");
        var answer = kind switch
        {
            "stop" => Answer(),
            "length" => Answer(reason: ChatFinishReason.Length),
            "filter" => Answer(reason: ChatFinishReason.ContentFilter),
            "none" => new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")),
            "own" => Answer(reason: new ChatFinishReason("pause_turn")),
            "empty" => With(),
            "blank" => With(new TextContent(" \n")),
            "no message" => new ChatResponse { FinishReason = ChatFinishReason.Stop },
            "reasoning only" => With(new TextReasoningContent("x")),
            "error" => With(new TextContent("x"), new ErrorContent("refused")),
            "call, tool_calls" => new ChatResponse(new ChatMessage(ChatRole.Assistant, [call])) { FinishReason = ChatFinishReason.ToolCalls },
            "call, stop" => With(new TextContent("x"), call),
            "result, stop" => With(new TextContent("x"), new FunctionResultContent("c", 1)),
            "approval" => With(new TextContent("x"), new ToolApprovalRequestContent("r", call)),
            "image" => With(new DataContent(new byte[] { 1 }, "image/png")),
            _ => With(new TextReasoningContent("x"), new TextContent("y")),
        };
        var cache = Cache();
        await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult(answer));
        var statistics = cache.GetStatistics();
        (statistics.Stored, statistics.Rejected).ShouldBe(kept ? (1, 0) : (0, 1));
        Cache().TryStore(Key(), Info, answer).ShouldBe(kept);

        var tolerant = Cache();
        await tolerant.GetOrCreateAsync(Key(), Info with { StoreToolCalls = true }, _ => Task.FromResult(answer));
        tolerant.GetStatistics().Stored.ShouldBe(kept || kind.StartsWith("call", StringComparison.Ordinal) || kind.StartsWith("result", StringComparison.Ordinal) ? 1 : 0);
    }

    [Fact]
    public async Task A_provider_conversation_is_not_handed_to_others()
    {
        var cache = Cache();
        var answer = Answer();
        answer.ConversationId = "conversation";
        (await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult(answer))).Response.ConversationId.ShouldBe("conversation");
        (await cache.GetAsync()).Response.ConversationId.ShouldBeNull();
    }

    [Fact]
    public async Task An_answer_that_does_not_serialize_is_given_but_not_kept()
    {
        var cache = Cache();
        var answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("x"), new CacheKeyTests.BrokenContent()])) { FinishReason = ChatFinishReason.Stop };
        var result = await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult(answer));
        result.Response.ShouldBeSameAs(answer);
        cache.TryStore(Key(), Info, answer).ShouldBeFalse();
        var statistics = cache.GetStatistics();
        (statistics.Failures, statistics.Entries).ShouldBe((2, 0));
    }

    [Fact]
    public void Damaged_bytes_are_no_answer_and_no_error()
    {
        var answer = Answer();
        answer.Messages[0].Contents.Add(new DataContent(new byte[] { 1, 2, 3 }, "image/png"));
        answer.Messages[0].Contents.Add(new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["a"] = 1 }));
        answer.CreatedAt = DateTimeOffset.UnixEpoch;
        var payload = ResponsePayload.TryWrite(answer)!;
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = payload.AsSpan(0, random.Next(2) == 0 ? payload.Length : random.Next(payload.Length)).ToArray();
            for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Should.NotThrow(() => ResponsePayload.TryRead(bytes));
        }
    }

    [Fact]
    public async Task No_scope_sees_the_answer_of_another_even_under_one_key()
    {
        var cache = Cache();
        await cache.GetAsync(answer: "alice's", info: Info with { Scope = "alice" });
        var bob = await cache.GetAsync(answer: "bob's", info: Info with { Scope = "bob" });
        var nobody = await cache.GetAsync(answer: "nobody's");
        (bob.Outcome, bob.Response.Text).ShouldBe((CacheOutcome.Miss, "bob's"));
        (nobody.Outcome, nobody.Response.Text).ShouldBe((CacheOutcome.Miss, "nobody's"));
    }

    [Fact]
    public async Task Agents_and_scopes_are_forgotten_apart()
    {
        var cache = Cache();
        foreach (var agent in new[] { "a", "b" })
            foreach (var scope in new[] { null, "s", "t" })
                await cache.GetAsync(agent, info: new CacheEntryInfo { Agent = agent, Method = "m", Scope = scope });
        (await cache.ClearScopeAsync("s")).ShouldBe(2);
        (await cache.ClearAgentAsync("a")).ShouldBe(2);
        (await cache.ClearAgentAsync("A")).ShouldBe(0);
        cache.GetStatistics().Entries.ShouldBe(2);
        (await cache.ClearAsync()).ShouldBe(2);
        (cache.GetStatistics().Entries, cache.GetStatistics().Bytes).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_is_being_made_when_its_agent_is_cleared_is_not_kept()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        var early = cache.GetOrCreateAsync(Key(), Info, _ => gate.Task).AsTask();
        await cache.ClearAgentAsync("agent");
        (await cache.GetAsync(answer: "fresh")).Outcome.ShouldBe(CacheOutcome.Miss);
        gate.SetResult(Answer("stale"));
        (await early).Response.Text.ShouldBe("stale");
        (await cache.GetAsync()).Response.Text.ShouldBe("fresh");
    }

    [Fact]
    public async Task A_warmed_answer_is_a_hit()
    {
        var cache = Cache();
        cache.TryStore(Key(), Info, Answer("warm")).ShouldBeTrue();
        var hit = await cache.GetAsync();
        (hit.Outcome, hit.Response.Text).ShouldBe((CacheOutcome.Hit, "warm"));
    }
}
