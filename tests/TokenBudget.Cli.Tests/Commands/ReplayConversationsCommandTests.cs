using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Counting;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class ReplayConversationsCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    /// <summary>Prices that tell the buckets apart: fresh 1,000, read 1, written 1,000,000, output 1,000,000,000 pico-dollars a token.</summary>
    private string Catalogue(int minCacheable) => _cli.Write("models.json",
        $$"""{"models":[{"id":"test","provider":"p","minCacheable":{{minCacheable}},"prices":[{"input":1000,"output":1000000000,"cacheRead":1,"cacheWrite":1000000}]}]}""");

    [Fact]
    public async Task The_prefix_shared_with_the_request_before_is_read_and_the_rest_is_written()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "system:be brief", "user:what is two and two?", "assistant:four", "user:and three?", "assistant:seven, I think"));

        var result = (await ReplayAsync(0, file, "unbounded")).ShouldHaveSingleItem();

        var first = Tokens(ChatRole.System, "be brief") + Tokens(ChatRole.User, "what is two and two?");
        var second = Tokens(ChatRole.Assistant, "four") + Tokens(ChatRole.User, "and three?");
        var output = Tokens(ChatRole.Assistant, "four") + Tokens(ChatRole.Assistant, "seven, I think") - 8;
        Read(result, "requests").ShouldBe(2);
        Read(result, "cachedTokens").ShouldBe(first);
        Read(result, "writtenTokens").ShouldBe(first + 3 + second + 3);
        Read(result, "freshTokens").ShouldBe(0);
        Read(result, "inputTokens").ShouldBe((2 * first) + second + 6);
        Read(result, "outputTokens").ShouldBe(output);
        Read(result, "largestRequest").ShouldBe(first + second + 3);
        result.GetProperty("costUsd").GetDecimal().ShouldBe((first + ((first + second + 6) * 1_000_000m) + (output * 1_000_000_000m)) / 1_000_000_000_000m);
        result.GetProperty("savedUsd").GetDecimal().ShouldBe(0);
    }

    [Fact]
    public async Task Below_the_shortest_prefix_the_provider_caches_everything_is_fresh()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:one", "assistant:two", "user:three", "assistant:four"));

        var result = (await ReplayAsync(1024, file, "unbounded")).ShouldHaveSingleItem();

        Read(result, "freshTokens").ShouldBe(Read(result, "inputTokens"));
        Read(result, "inputTokens").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task With_a_response_cache_what_was_asked_before_is_avoided_and_not_paid()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:what is two and two?", "assistant:four", "user:and three?", "assistant:seven")
            + Conversation("b", "user:what is two and two?", "assistant:four", "user:and four?", "assistant:eight"));

        var plain = (await ReplayAsync(0, file, "unbounded")).ShouldHaveSingleItem();
        var cached = (await ReplayAsync(0, file, "unbounded", "--cache")).ShouldHaveSingleItem();

        (Read(cached, "requests"), Read(cached, "cacheHits")).ShouldBe((4, 1));
        cached.GetProperty("cacheHitPercent").GetDecimal().ShouldBe(25);
        // The first question of the second conversation, which then finds no prompt cache: it sent nothing before.
        Read(cached, "avoidedTokens").ShouldBe(Tokens(ChatRole.User, "what is two and two?") + 3 + Tokens(ChatRole.Assistant, "four") - 4);
        var avoided = cached.GetProperty("avoidedUsd").GetDecimal();
        avoided.ShouldBeGreaterThan(0);
        Read(cached, "outputTokens").ShouldBe(Read(plain, "outputTokens") - (Tokens(ChatRole.Assistant, "four") - 4));
        cached.GetProperty("avoidedPercent").GetDecimal().ShouldBe(decimal.Round(100 * avoided / (avoided + cached.GetProperty("costUsd").GetDecimal()), 1));
        plain.TryGetProperty("cacheHits", out _).ShouldBeFalse();
        (await _cli.RunAsync("replay", "conversations", file, "--model", "test", "--catalogue", Catalogue(0), "--cache")).Out.ShouldContain("avoided");
    }

    [Fact]
    public async Task Answers_that_call_tools_are_asked_for_again()
    {
        const string Conversations = """
            {"id":"a","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","name":"f","arguments":"{}"}]},{"role":"tool","tool_call_id":"c","content":"r"},{"role":"assistant","content":"ok"}]}

            """;
        var file = _cli.Write("c.jsonl", Conversations + Conversations.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        var result = (await ReplayAsync(0, file, "unbounded", "--cache")).ShouldHaveSingleItem();
        (Read(result, "requests"), Read(result, "cacheHits")).ShouldBe((4, 1));
    }

    [SharedDataFact]
    public async Task Every_single_turn_question_of_the_recordings_asked_twice_is_a_hit_the_second_time_and_only_then()
    {
        var questions = new HashSet<string>(StringComparer.Ordinal);
        var lines = new List<string>();
        var number = 0;
        await foreach (var recorded in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail($"{error}")))
            if (recorded.Messages.FirstOrDefault(static message => message.Role == ChatRole.User)?.Text is { Length: > 0 } question && questions.Add(question))
                lines.Add(JsonSerializer.Serialize(new { id = $"{number++}", messages = new[] { new { role = "user", content = question }, new { role = "assistant", content = "An answer." } } }));
        lines.Count.ShouldBeGreaterThan(100);
        var file = _cli.Write("questions.jsonl", string.Join('\n', lines));

        var once = (await ReplayAsync(0, file, "unbounded", "--cache")).ShouldHaveSingleItem();
        (Read(once, "requests"), Read(once, "cacheHits")).ShouldBe((lines.Count, 0));
        var (_, output, _) = await _cli.RunAsync("replay", "conversations", file, file, "--model", "test", "--catalogue", Catalogue(0), "--policy", "unbounded", "--cache", "--json");
        var twice = Lines(output).ShouldHaveSingleItem();
        (Read(twice, "requests"), Read(twice, "cacheHits")).ShouldBe((2 * lines.Count, lines.Count));
        // All that the first time cost, and not a token more was sent.
        twice.GetProperty("costUsd").GetDecimal().ShouldBe(once.GetProperty("costUsd").GetDecimal());
        twice.GetProperty("avoidedUsd").GetDecimal().ShouldBe(once.GetProperty("costUsd").GetDecimal());
        twice.GetProperty("avoidedPercent").GetDecimal().ShouldBe(50);
    }

    [Fact]
    public async Task A_greeting_is_not_a_request_and_an_aborted_call_does_not_stop_the_replay()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "system:s", "assistant:Hello, how may I help?", "user:hi", "assistant:hi")
            + """
              {"id":"b","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","name":"f","arguments":"{}"}]},{"role":"user","content":"stop"},{"role":"assistant","content":"ok"}]}
              """);

        Read((await ReplayAsync(0, file, "economic")).ShouldHaveSingleItem(), "requests").ShouldBe(3);
    }

    [Fact]
    public async Task All_policies_are_compared_unless_one_is_named_and_the_economic_one_pays()
    {
        var turns = Enumerable.Range(0, 60).SelectMany(index => new[] { $"user:question {index} {Words(40)}", $"assistant:answer {index} {Words(40)}" });
        var file = _cli.Write("c.jsonl", Conversation("a", [.. turns]));

        var results = await ReplayAsync(0, file, "--max-context-tokens", "1000", "--trim-to-tokens", "400");

        results.Select(result => result.GetProperty("policy").GetString()).ShouldBe(["unbounded", "sliding", "economic"]);
        results.Select(result => Read(result, "requests")).Distinct().ShouldBe([60]);
        results[1].GetProperty("savedUsd").GetDecimal().ShouldBeLessThan(results[2].GetProperty("savedUsd").GetDecimal());
        foreach (var result in results.Skip(1))
            Read(result, "largestRequest").ShouldBeLessThanOrEqualTo(1000);
        foreach (var policies in new string[][] { ["--policy", "economic,sliding"], ["--policy", "economic", "--policy", "Sliding"] })
            (await ReplayAsync(0, file, [.. policies, "--max-context-tokens", "1000", "--trim-to-tokens", "400"]))
                .Select(static result => result.ToString()).ShouldBe([results[2].ToString(), results[1].ToString()]);
    }

    [Fact]
    public async Task Tokens_can_be_reckoned_by_their_mean_length()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:" + new string('x', 3_500), "assistant:ok"));

        var result = (await ReplayAsync(0, file, "unbounded", "--characters-per-token", "3.5")).ShouldHaveSingleItem();

        Read(result, "inputTokens").ShouldBe(1_000 + 4 + 3);
        foreach (var wrong in new[] { "0", "-1", "1000", "many" })
            (await _cli.RunAsync("replay", "conversations", file, "--model", "gpt-4o", "--characters-per-token", wrong)).Error.ShouldContain($"--characters-per-token is {wrong}, but must be");
        (await _cli.RunAsync("replay", "conversations", file, "--model", "gpt-4o", "--characters-per-token", "4", "--encoding", "o200k_base")).Error.ShouldContain("give either");
    }

    [Fact]
    public async Task The_number_of_messages_can_be_limited()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:one", "assistant:two", "user:three", "assistant:four", "user:five", "assistant:six"));

        var result = (await ReplayAsync(0, file, "sliding", "--max-messages", "1")).ShouldHaveSingleItem();

        Read(result, "largestRequest").ShouldBe(Tokens(ChatRole.User, "three") + 3);
    }

    [Fact]
    public async Task Several_marks_make_a_curve_and_a_policy_without_use_for_one_is_replayed_once()
    {
        var turns = Enumerable.Range(0, 60).SelectMany(index => new[] { $"user:question {index} of file_{index} {Words(40)}", $"assistant:answer {index} on file_{index / 2} {Words(40)}" });
        var file = _cli.Write("c.jsonl", Conversation("a", [.. turns]));

        var results = await ReplayAsync(0, file, "--marks", "1000:400,2000", "--marks", "1000:500");

        results.Select(result => (result.GetProperty("policy").GetString(), Read(result, "maxContextTokens", 0), Read(result, "trimToTokens", 0))).ShouldBe(
            [("unbounded", 0, 0), ("sliding", 1000, 0), ("sliding", 2000, 0), ("economic", 1000, 400), ("economic", 2000, 1000), ("economic", 1000, 500)]);
        results[0].GetProperty("recall").GetDouble().ShouldBe(1);
        Read(results[0], "referencesUsed").ShouldBeGreaterThan(60);
        results[1].GetProperty("recall").GetDouble().ShouldBeInRange(0.5, 0.995);
        // Alone, a setting is compared with the same windows and says the same.
        (await ReplayAsync(0, file, "economic", "--marks", "1000:400")).ShouldHaveSingleItem().ToString().ShouldBe(results[3].ToString());
        results[3].GetProperty("savedAgainstSlidingUsd").GetDecimal().ShouldBe(results[1].GetProperty("costUsd").GetDecimal() - results[3].GetProperty("costUsd").GetDecimal());
        results[1].GetProperty("savedAgainstSlidingUsd").GetDecimal().ShouldBe(0);
    }

    [Fact]
    public async Task Conversations_can_be_chosen_by_id_and_by_size()
    {
        var file = _cli.Write("c.jsonl", Conversation("small", "user:one", "assistant:two") + Conversation("big", $"user:{Words(400)}", "assistant:two"));

        Read((await ReplayAsync(0, file, "unbounded", "--min-tokens", "12")).ShouldHaveSingleItem(), "conversations").ShouldBe(1);
        Read((await ReplayAsync(0, file, "unbounded", "--min-tokens", "5")).ShouldHaveSingleItem(), "conversations").ShouldBe(2);
        Read((await ReplayAsync(0, file, "unbounded", "--conversation", "small")).ShouldHaveSingleItem(), "largestRequest").ShouldBe(Tokens(ChatRole.User, "one") + 3);
    }

    [Fact]
    public async Task The_table_says_requests_cost_and_what_was_saved()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:one", "assistant:two"));

        var (exitCode, output, error) = await _cli.RunAsync("replay", "conversations", file, "--model", "claude-sonnet-4-5");

        exitCode.ShouldBe(0, error);
        output.ShouldContain("1 conversations priced as claude-sonnet-4-5. It has no public tokenizer");
        foreach (var word in new[] { "requests", "cached", "cost", "recall", "saved", "against sliding", "unbounded", "sliding 50000", "economic 50000:25000" })
            output.ShouldContain(word);
    }

    [Fact]
    public async Task Prices_are_those_of_the_day_asked_for()
    {
        var file = _cli.Write("c.jsonl", Conversation("a", "user:one", "assistant:two"));

        var before = await _cli.RunAsync("replay", "conversations", file, "--model", "claude-sonnet-5", "--policy", "unbounded", "--json", "--at", "2026-08-31");
        var after = await _cli.RunAsync("replay", "conversations", file, "--model", "claude-sonnet-5", "--policy", "unbounded", "--json");

        Lines(after.Out)[0].GetProperty("costUsd").GetDecimal().ShouldBe(Lines(before.Out)[0].GetProperty("costUsd").GetDecimal() * 1.5m);
    }

    [Fact]
    public async Task What_cannot_be_read_or_sent_is_named_and_the_rest_is_replayed()
    {
        var file = _cli.Write("c.jsonl", "{oops\n" + Conversation("a", "user:one", "assistant:two") + Conversation("big", $"user:{Words(400)}", "assistant:two"));
        var missing = _cli.PathOf("missing.jsonl");

        var (exitCode, output, error) = await _cli.RunAsync(
            "replay", "conversations", missing, file, "--model", "gpt-4o", "--policy", "economic", "--max-context-tokens", "100", "--json");

        exitCode.ShouldBe(1);
        error.ShouldContain($"{file}(1): ");
        error.ShouldContain(missing);
        error.ShouldContain("conversation 'big', message 2, economic 100:50: refused: ");
        var result = Lines(output).ShouldHaveSingleItem();
        (Read(result, "requests"), Read(result, "refused"), Read(result, "conversations")).ShouldBe((1, 1, 2));
    }

    [Theory]
    [InlineData("Unknown model 'gpt-4o-maxi'. Did you mean", "--model", "gpt-4o-maxi")]
    [InlineData("No price of 'gemma-3-27b-it' is known for 2026-11-01", "--model", "gemma-3-27b-it")]
    [InlineData("--trim-to-tokens is 60000, more than --max-context-tokens (50000)", "--model", "gpt-4o", "--trim-to-tokens", "60000")]
    [InlineData("--max-context-tokens is 0, but must be at least 1", "--model", "gpt-4o", "--max-context-tokens", "0")]
    [InlineData("--marks has '8k', which is not of the form 32000:16000", "--model", "gpt-4o", "--marks", "32000:16000,8k")]
    [InlineData("--marks has 100:200: a cut must leave less", "--model", "gpt-4o", "--marks", "100:200")]
    [InlineData("--marks takes the place of --max-context-tokens", "--model", "gpt-4o", "--marks", "100:50", "--max-context-tokens", "100")]
    [InlineData("There is no conversation 'x' of more than 0 tokens", "--model", "gpt-4o", "--conversation", "x")]
    [InlineData("--policy is 'lru', but must be one of unbounded, sliding, economic, or several of them with commas between.", "--model", "gpt-4o", "--policy", "lru")]
    [InlineData("--policy is '3', but must be one of", "--model", "gpt-4o", "--policy", "economic,3")]
    [InlineData("--policy is '', but must be one of", "--model", "gpt-4o", "--policy", "economic,")]
    [InlineData("--model", "--policy", "economic")]
    public async Task A_wrong_option_is_named_with_the_way_out(string expected, params string[] options)
    {
        var (exitCode, _, error) = await _cli.RunAsync(["replay", "conversations", _cli.Write("c.jsonl", ""), .. options]);

        exitCode.ShouldBe(1);
        error.ShouldContain(expected);
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var cancelled = new CommandLine { Cancelled = new CancellationToken(canceled: true) };
        var file = cancelled.Write("c.jsonl", Conversation("a", "user:one", "assistant:two"));

        var (exitCode, _, error) = await cancelled.RunAsync("replay", "conversations", file, "--model", "gpt-4o");

        exitCode.ShouldBe(130);
        error.ShouldContain("Cancelled.");
    }

    [SharedDataFact]
    public async Task On_the_recorded_conversations_the_economic_window_is_cheaper_than_none_and_than_a_sliding_one()
    {
        var (exitCode, output, error) = await _cli.RunAsync(
            "replay", "conversations", SharedData.File("conversations/conversations.dev.jsonl.gz"),
            "--model", "claude-sonnet-4-5", "--max-context-tokens", "50000", "--trim-to-tokens", "25000", "--json");

        exitCode.ShouldBe(0, error);
        var results = Lines(output);
        results.Select(result => Read(result, "conversations")).Distinct().ShouldBe([245]);
        results.Select(result => Read(result, "requests")).Distinct().ShouldBe([2_471]);
        results.Select(result => Read(result, "refused")).Distinct().ShouldBe([0]);
        var (unbounded, sliding, economic) = (results[0], results[1], results[2]);
        Read(economic, "inputTokens").ShouldBeLessThan(Read(unbounded, "inputTokens"));
        Read(economic, "largestRequest").ShouldBeLessThanOrEqualTo(50_000);
        Read(economic, "tooLarge").ShouldBe(0);
        Read(unbounded, "tooLarge").ShouldBeGreaterThan(0);
        economic.GetProperty("costUsd").GetDecimal().ShouldBeLessThan(unbounded.GetProperty("costUsd").GetDecimal());
        economic.GetProperty("costUsd").GetDecimal().ShouldBeLessThan(sliding.GetProperty("costUsd").GetDecimal());
    }

    [SharedDataTheory]
    // What the windowing of the recorded conversations must reach: at most 0.35 times a sliding window on the long session, 60 % less input over all.
    [InlineData("pi-large-session", 0.35, 0.4)]
    [InlineData(null, 0.5, 0.4)]
    public async Task On_the_recorded_conversations_a_low_mark_of_half_the_high_one_saves_most_of_the_input(string? conversation, double mostOfSliding, double mostInput)
    {
        string[] filter = conversation is null ? [] : ["--conversation", conversation];
        var (exitCode, output, error) = await _cli.RunAsync(
        [
            "replay", "conversations", SharedData.File("conversations/conversations.dev.jsonl.gz"), "--model", "claude-sonnet-4-5", "--marks", "32000:16000", "--json", .. filter,
        ]);

        exitCode.ShouldBe(0, error);
        var (unbounded, sliding, economic) = (Lines(output)[0], Lines(output)[1], Lines(output)[2]);
        ((double)Read(economic, "inputTokens") / Read(unbounded, "inputTokens")).ShouldBeLessThan(mostInput);
        ((double)(economic.GetProperty("costUsd").GetDecimal() / sliding.GetProperty("costUsd").GetDecimal())).ShouldBeLessThan(mostOfSliding);
        // What this costs in memory, against a window that moves with every request.
        (sliding.GetProperty("recall").GetDouble() - economic.GetProperty("recall").GetDouble()).ShouldBeLessThan(0.02);
    }

    public void Dispose() => _cli.Dispose();

    private static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(index => $"word{index}"));

    private static string Conversation(string id, params string[] messages) => JsonSerializer.Serialize(new
    {
        id,
        messages = messages.Select(message => message.Split(':', 2)).Select(parts => new { role = parts[0], content = parts[1] }),
    }) + "\n";

    private static long Tokens(ChatRole role, string text) =>
        new MessageCounter(TokenCounter.ForEncoding("o200k_base")).Count(new ChatMessage(role, text));

    private static long Read(JsonElement result, string field) => result.GetProperty(field).GetInt64();

    private static long Read(JsonElement result, string field, long absent) => result.TryGetProperty(field, out var value) ? value.GetInt64() : absent;

    private static List<JsonElement> Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => JsonElement.Parse(line))];

    private async Task<List<JsonElement>> ReplayAsync(int minCacheable, string file, params string[] options)
    {
        string[] policy = options is [['-', ..], ..] or [] ? options : ["--policy", .. options];
        var (exitCode, output, error) = await _cli.RunAsync(
            ["replay", "conversations", file, "--model", "test", "--catalogue", Catalogue(minCacheable), "--json", .. policy]);
        exitCode.ShouldBe(0, error);
        return Lines(output);
    }
}
