using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>The provider's prompt cache, on a virtual clock.</summary>
public sealed class PromptCacheTests
{
    private const int Bound = Simulation.Bound;
    private const string FiveMinutes = ""","cache_control":{"type":"ephemeral"}""";
    private const string OneHour = ""","cache_control":{"type":"ephemeral","ttl":"1h"}""";

    /// <summary>A block of 1,200 tokens with its framing of 3: 4,428.9 bytes at 3.7 would be 1,197.</summary>
    private static readonly string Long = new('s', 4_428);

    [Fact(Timeout = Bound)]
    public async Task A_prefix_is_written_once_and_read_until_five_minutes_have_passed()
    {
        await using var simulation = await Simulation.StartAsync();
        var body = Request(System(Long, FiveMinutes), User("Hi"));

        (await UsageAsync(simulation, body)).ShouldBe(new Usage(Fresh: 9, Written: 1_200, Read: 0));
        simulation.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await UsageAsync(simulation, body)).ShouldBe(new Usage(9, 0, 1_200));
        // Reading refreshed it.
        simulation.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await UsageAsync(simulation, body)).ShouldBe(new Usage(9, 0, 1_200));
        simulation.Clock.Advance(TimeSpan.FromMinutes(5));
        (await UsageAsync(simulation, body)).ShouldBe(new Usage(9, 1_200, 0));
    }

    [Fact(Timeout = Bound)]
    public async Task An_hour_lasts_an_hour()
    {
        await using var simulation = await Simulation.StartAsync();
        var body = Request(System(Long, OneHour), User("Hi"));

        var usage = (await simulation.AskAsync(body)).GetProperty("usage");
        usage.GetProperty("cache_creation").GetProperty("ephemeral_1h_input_tokens").GetInt32().ShouldBe(1_200);
        usage.GetProperty("cache_creation").GetProperty("ephemeral_5m_input_tokens").GetInt32().ShouldBe(0);
        simulation.Clock.Advance(TimeSpan.FromMinutes(59));
        (await UsageAsync(simulation, body)).Read.ShouldBe(1_200);
        simulation.Clock.Advance(TimeSpan.FromMinutes(60));
        (await UsageAsync(simulation, body)).Read.ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task Mixed_lifetimes_are_split_at_the_last_marker_of_an_hour()
    {
        await using var simulation = await Simulation.StartAsync();
        var body = Request(System(Long, OneHour), User("Hello, you", FiveMinutes), Assistant("Hi"), User("Hi"));

        var usage = (await simulation.AskAsync(body)).GetProperty("usage");

        usage.GetProperty("cache_creation").GetProperty("ephemeral_1h_input_tokens").GetInt32().ShouldBe(1_200);
        usage.GetProperty("cache_creation").GetProperty("ephemeral_5m_input_tokens").GetInt32().ShouldBe(8 + 3);
        usage.GetProperty("cache_creation_input_tokens").GetInt32().ShouldBe(1_211);
        usage.GetProperty("input_tokens").GetInt32().ShouldBe(9 + 9);
    }

    [Fact(Timeout = Bound)]
    public async Task A_growing_conversation_reads_all_that_it_wrote()
    {
        await using var simulation = await Simulation.StartAsync();
        var history = new List<string>();
        var cached = 0;
        for (var turn = 0; turn < 4; turn++)
        {
            var body = Request(System(Long, ""), [.. history, User("Hello, you", FiveMinutes)]);
            var usage = await UsageAsync(simulation, body);
            usage.Fresh.ShouldBe(0);
            usage.Read.ShouldBe(cached);
            cached = usage.Read + usage.Written;
            history.AddRange([User("Hello, you"), Assistant("Hi")]);
        }

        cached.ShouldBe(1_200 + (4 * 11) + (3 * 9));
    }

    [Theory(Timeout = Bound)]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public async Task A_marker_looks_at_twenty_places_and_no_further(int blocksAfter, bool found)
    {
        await using var simulation = await Simulation.StartAsync();
        await UsageAsync(simulation, Request("", User(Long, FiveMinutes)));
        var blocks = string.Join(',', Enumerable.Range(0, blocksAfter).Select(index => Block($"b{index}", index == blocksAfter - 1 ? FiveMinutes : "")));

        var usage = await UsageAsync(simulation, Request("", $$"""{"role":"user","content":[{{Block(Long)}},{{blocks}}]}"""));

        usage.Read.ShouldBe(found ? 1_205 : 0);
    }

    [Fact(Timeout = Bound)]
    public async Task A_second_marker_finds_what_the_last_cannot_see()
    {
        await using var simulation = await Simulation.StartAsync();
        await UsageAsync(simulation, Request("", User(Long, FiveMinutes)));
        var blocks = string.Join(',', Enumerable.Range(0, 30).Select(index => Block($"b{index}", index == 29 ? FiveMinutes : "")));

        var usage = await UsageAsync(simulation, Request("", $$"""{"role":"user","content":[{{Block(Long, FiveMinutes)}},{{blocks}}]}"""));

        usage.Read.ShouldBe(1_205);
        usage.Fresh.ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task Without_a_marker_nothing_is_read_or_written()
    {
        await using var simulation = await Simulation.StartAsync();
        await UsageAsync(simulation, Request(System(Long, FiveMinutes), User("Hi")));
        (await UsageAsync(simulation, Request(System(Long, ""), User("Hi")))).ShouldBe(new Usage(1_209, 0, 0));
    }

    [Fact(Timeout = Bound)]
    public async Task A_prefix_below_the_minimum_is_not_cached()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Models = [Simulation.SonnetModel with { MinCacheableTokens = 1_201 }] });
        var body = Request(System(Long, FiveMinutes), User("Hi"));

        await UsageAsync(simulation, body);

        (await UsageAsync(simulation, body)).ShouldBe(new Usage(1_209, 0, 0));
    }

    [Theory(Timeout = Bound)]
    [InlineData("model")]
    [InlineData("tool")]
    [InlineData("system")]
    [InlineData("tool_choice")]
    public async Task A_change_before_the_marker_loses_the_cache(string change)
    {
        var haiku = SimulatedModel.FromUsdPerMillionTokens("claude-haiku-4-5", 1m, 5m);
        await using var simulation = await Simulation.StartAsync(options => options with { Models = [Simulation.SonnetModel, haiku] });
        var body = """{"tool_choice":{"type":"auto"},"tools":[{"name":"look","input_schema":{}}],""" + Request(System("Be brief", ""), User(Long, FiveMinutes))[1..];
        var changed = change switch
        {
            "model" => body.Replace(Simulation.Sonnet, haiku.Id, StringComparison.Ordinal),
            "tool" => body.Replace("\"look\"", "\"see\"", StringComparison.Ordinal),
            "system" => body.Replace("Be brief", "Be briefer", StringComparison.Ordinal),
            _ => body.Replace("auto", "any", StringComparison.Ordinal),
        };

        await UsageAsync(simulation, body);
        (await UsageAsync(simulation, changed)).Read.ShouldBe(0);
        (await UsageAsync(simulation, body)).Read.ShouldBeGreaterThan(1_200);
    }

    [Fact(Timeout = Bound)]
    public async Task The_tool_choice_leaves_the_cache_of_tools_and_system_alone()
    {
        await using var simulation = await Simulation.StartAsync();
        var body = """{"tool_choice":{"type":"auto"},"tools":[{"name":"look","input_schema":{}}],""" + Request(System(Long, FiveMinutes), User("Hi"))[1..];

        var written = (await UsageAsync(simulation, body)).Written;

        (await UsageAsync(simulation, body.Replace("auto", "any", StringComparison.Ordinal))).Read.ShouldBe(written);
    }

    [Fact(Timeout = Bound)]
    public async Task A_string_is_one_text_block()
    {
        await using var simulation = await Simulation.StartAsync();
        await UsageAsync(simulation, Request("", User(Long, FiveMinutes)));

        var usage = await UsageAsync(simulation, Request("", $$"""{"role":"user","content":"{{Long}}"}""", Assistant("Hi", FiveMinutes)));

        usage.Read.ShouldBe(1_205);
    }

    [Fact(Timeout = Bound)]
    public async Task A_refused_request_neither_writes_nor_refreshes()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });
        var body = Request(System(Long, FiveMinutes), User("Hi"));
        await UsageAsync(simulation, body);
        simulation.Clock.Advance(TimeSpan.FromMinutes(4));
        await UsageAsync(simulation, Request("", User("Hi")));
        (await simulation.AskAsync(body)).GetProperty("type").GetString().ShouldBe("error");

        simulation.Clock.Advance(TimeSpan.FromMinutes(1));

        (await UsageAsync(simulation, body)).Read.ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task What_is_written_can_be_read_once_the_response_has_begun()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<SimulatedReply>();
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Responder = (request, _) =>
            {
                if (request.Number > 1)
                    return ValueTask.FromResult(SimulatedReply.Text("ok"));
                asked.SetResult();
                return new(answer.Task);
            },
        });
        var body = Request(System(Long, FiveMinutes), User("Hi"));
        var first = UsageAsync(simulation, body);
        await asked.Task;

        var early = await UsageAsync(simulation, body);
        answer.SetResult(SimulatedReply.Text("ok"));

        early.Written.ShouldBe(1_200);
        (await first).Written.ShouldBe(1_200);
        (await UsageAsync(simulation, body)).Read.ShouldBe(1_200);
    }

    private static string Block(string text, string marker = "") => $$"""{"type":"text","text":"{{text}}"{{marker}}}""";

    private static string User(string text, string marker = "") => $$"""{"role":"user","content":[{{Block(text, marker)}}]}""";

    private static string Assistant(string text, string marker = "") => $$"""{"role":"assistant","content":[{{Block(text, marker)}}]}""";

    private static string System(string text, string marker) => $"\"system\":[{Block(text, marker)}],";

    private static string Request(string system, params string[] messages) =>
        $$"""{"model":"{{Simulation.Sonnet}}","max_tokens":100,{{system}}"messages":[{{string.Join(',', messages)}}]}""";

    private static async Task<Usage> UsageAsync(Simulation simulation, string body)
    {
        var message = await simulation.AskAsync(body);
        message.TryGetProperty("usage", out var usage).ShouldBeTrue(message.ToString());
        return new Usage(
            usage.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("cache_creation_input_tokens").GetInt32(),
            usage.GetProperty("cache_read_input_tokens").GetInt32());
    }

    private sealed record Usage(int Fresh, int Written, int Read);
}
