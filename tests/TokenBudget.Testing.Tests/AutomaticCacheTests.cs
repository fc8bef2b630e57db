using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>OpenAI's prompt cache: automatic, from 1,024 tokens, in steps of 128.</summary>
public sealed class AutomaticCacheTests
{
    private const int Bound = Simulation.Bound;

    [Theory(Timeout = Bound)]
    [InlineData(1_015, 0)]
    [InlineData(1_016, 1_024)]
    [InlineData(1_143, 1_024)]
    [InlineData(1_144, 1_152)]
    public async Task A_repeated_prompt_is_read_in_steps(int contentTokens, int cached)
    {
        await using var simulation = await Simulation.StartAsync();
        // 8 tokens of framing.
        var body = Simulation.GptBody(new string('a', contentTokens * 37 / 10));

        CachedTokens(await simulation.AskAsync(body)).ShouldBe(0);
        CachedTokens(await simulation.AskAsync(body)).ShouldBe(cached);
        simulation.Provider.Log[1].CacheReadTokens.ShouldBe(cached);
        simulation.Provider.Log[1].PromptTokens.ShouldBe(contentTokens + 8);
    }

    [Fact(Timeout = Bound)]
    public async Task A_prefix_is_read_as_far_as_it_is_the_same()
    {
        await using var simulation = await Simulation.StartAsync();
        var prefix = new string('s', 7_400);
        await simulation.AskAsync(Conversation(prefix, "one"));

        // 2,000 tokens and 8 of framing are the same: fifteen steps and a bit.
        CachedTokens(await simulation.AskAsync(Conversation(prefix, "two"))).ShouldBe(1_920);
        // The 1,500th token differs.
        CachedTokens(await simulation.AskAsync(Conversation(string.Concat(prefix.AsSpan(0, 5_549), "X", prefix.AsSpan(5_550)), "one"))).ShouldBe(1_408);
        CachedTokens(await simulation.AskAsync(Conversation("X" + prefix, "one"))).ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task A_growing_conversation_reads_what_it_said_before()
    {
        await using var simulation = await Simulation.StartAsync();
        var system = new string('s', 3_700);
        await simulation.AskAsync(Conversation(system, new string('a', 3_700)));
        var grown = Conversation(system, new string('a', 3_700), ("assistant", "ok"), ("user", new string('b', 3_700)));

        // 2,016 tokens before: 15 steps; the next boundary lies behind them.
        CachedTokens(await simulation.AskAsync(grown)).ShouldBe(1_920);
        CachedTokens(await simulation.AskAsync(grown)).ShouldBe(2_944);
    }

    [Fact(Timeout = Bound)]
    public async Task Five_minutes_without_use_and_it_is_gone()
    {
        await using var simulation = await Simulation.StartAsync();
        var body = Simulation.GptBody(new string('a', 7_400));
        await simulation.AskAsync(body);
        for (var use = 0; use < 3; use++)
        {
            simulation.Clock.Advance(TimeSpan.FromMinutes(4));
            CachedTokens(await simulation.AskAsync(body)).ShouldBe(1_920);
        }

        simulation.Clock.Advance(TimeSpan.FromMinutes(5));
        CachedTokens(await simulation.AskAsync(body)).ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task Tools_and_their_order_are_part_of_the_prefix()
    {
        await using var simulation = await Simulation.StartAsync();
        const string A = """{"type":"function","function":{"name":"a"}}""";
        const string B = """{"type":"function","function":{"name":"b"}}""";
        var text = new string('a', 7_400);
        await simulation.AskAsync(Simulation.GptBody(text, $"\"tools\":[{A},{B}],"));

        CachedTokens(await simulation.AskAsync(Simulation.GptBody(text, $"\"tools\":[{A},{B}],"))).ShouldBeGreaterThan(0);
        CachedTokens(await simulation.AskAsync(Simulation.GptBody(text, $"\"tools\":[{B},{A}],"))).ShouldBe(0);
        CachedTokens(await simulation.AskAsync(Simulation.GptBody(text))).ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task Cached_tokens_cost_less_and_still_count_for_the_limit()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { TokensPerMinute = 30_000 } });
        var body = Simulation.GptBody(new string('a', 7_400));
        await simulation.AskAsync(body);
        await simulation.AskAsync(body);

        var log = simulation.Provider.Log;
        log.Select(exchange => exchange.ChargedTokens).ShouldBe([1_850, 1_850]);
        log[0].PicoDollars.ShouldBe((2_008L * 2_500_000) + 10_000_000);
        log[1].PicoDollars.ShouldBe((88L * 2_500_000) + (1_920L * 1_250_000) + 10_000_000);
    }

    private static int CachedTokens(JsonElement completion) =>
        completion.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();

    private static string Conversation(string system, string user, params (string Role, string Content)[] more) => JsonSerializer.Serialize(new
    {
        model = Simulation.Gpt,
        messages = new[] { ("system", system), ("user", user) }.Concat(more).Select(message => new { role = message.Item1, content = message.Item2 }),
    });
}
