using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>What the log says was sent, judged by the recording alone and without the code that chose it.</summary>
public sealed class ReplayLogTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task A_row_has_what_was_sent_and_what_it_cost()
    {
        var file = _cli.Write("c.jsonl", """{"id":"a","messages":[{"role":"system","content":"s"},{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"role":"user","content":"three"},{"role":"assistant","content":"four"}]}""");

        var rows = await LogAsync(file, "--policy", "sliding", "--max-messages", "1");

        rows.Select(static row => row.ToString()).ShouldBe(
        [
            """{"conversation":"a","request":0,"sent":[0,1],"inputTokens":13,"cacheReadTokens":0,"costUsd":0.000054}""",
            """{"conversation":"a","request":1,"sent":[0,3],"inputTokens":13,"cacheReadTokens":0,"costUsd":0.000054}""",
        ]);
    }

    [Fact]
    public async Task The_result_of_an_aborted_call_is_not_in_the_recording_and_has_no_index()
    {
        var file = _cli.Write("c.jsonl", """{"id":"a","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","name":"f","arguments":"{}"}]},{"role":"user","content":"stop"},{"role":"assistant","content":"ok"}]}""");

        Indexes((await LogAsync(file, "--policy", "unbounded"))[1], "sent").ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task An_answer_that_says_nothing_is_a_request_and_keeps_its_index_but_is_not_sent_again()
    {
        var file = _cli.Write("c.jsonl", """{"id":"a","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null},{"role":"user","content":"well?"},{"role":"assistant","content":""},{"role":"assistant","content":"ok"},{"role":"user","content":"thanks"},{"role":"assistant","content":"bye"}]}""");

        var rows = await LogAsync(file, "--policy", "economic");

        rows.Select(static row => row.GetProperty("request").GetInt32()).ShouldBe([0, 1, 2, 3]);
        rows.Select(static row => string.Join(',', Indexes(row, "sent"))).ShouldBe(["0", "0,2", "0,2", "0,2,4,5"]);
    }

    [Fact]
    public async Task A_shortened_result_keeps_its_index_and_is_named()
    {
        var file = _cli.Write("c.jsonl", JsonSerializer.Serialize(Recorded("a",
        [
            new { role = "user", content = "go" },
            Calls("c"),
            Result("c", Words(3_000)),
            new { role = "assistant", content = "ok" },
        ])));

        var row = (await LogAsync(file, "--policy", "economic", "--max-context-tokens", "1000"))[1];

        Indexes(row, "sent").ShouldBe([0, 1, 2]);
        Indexes(row, "shortened").ShouldBe([2]);
        row.GetProperty("inputTokens").GetInt64().ShouldBeLessThanOrEqualTo(1000);
    }

    [Fact]
    public async Task Several_policies_are_told_apart_and_a_refused_request_has_no_row()
    {
        var file = _cli.Write("c.jsonl", $$"""{"id":"a","messages":[{"role":"user","content":"{{Words(300)}}"},{"role":"assistant","content":"two"}]}""");

        var rows = await LogAsync(file, 1, "--policy", "unbounded", "--policy", "economic", "--max-context-tokens", "100");

        rows.ShouldHaveSingleItem().GetProperty("policy").GetString().ShouldBe("unbounded");
    }

    [Theory]
    [InlineData("sliding", 0)]
    [InlineData("sliding", 7)]
    [InlineData("economic", 0)]
    [InlineData("economic", 7)]
    public async Task Generated_conversations_are_sent_whole(string policy, int maxMessages)
    {
        var random = new Random(4);
        var lines = Enumerable.Range(0, 200).Select(number => JsonSerializer.Serialize(Recorded($"g{number}", Generate(random))));
        var file = _cli.Write("c.jsonl", string.Join('\n', lines));
        string[] messages = maxMessages == 0 ? [] : ["--max-messages", maxMessages.ToString(System.Globalization.CultureInfo.InvariantCulture)];

        var rows = await LogAsync(file, ["--policy", policy, "--max-context-tokens", "600", "--trim-to-tokens", "250", .. messages]);

        rows.Count(static row => row.TryGetProperty("shortened", out _)).ShouldBeGreaterThan(10);
        Check(File.ReadLines(file), rows, 600).ShouldBeGreaterThan(1_000);
    }

    [SharedDataTheory]
    [InlineData("sliding", 32_000, 16_000)]
    [InlineData("economic", 32_000, 16_000)]
    [InlineData("economic", 50_000, 25_000)]
    [InlineData("economic", 8_000, 4_000)]
    public async Task Recorded_conversations_are_sent_whole(string policy, int high, int low)
    {
        var file = SharedData.File("conversations/conversations.dev.jsonl.gz");

        var rows = await LogAsync(file, "--policy", policy, "--marks", FormattableString.Invariant($"{high}:{low}"));

        rows.Count.ShouldBe(2_471);
        rows.Count(static row => row.TryGetProperty("shortened", out _)).ShouldBeGreaterThan(0);
        await using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        Check((await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries), rows, high).ShouldBeGreaterThan(100);
    }

    public void Dispose() => _cli.Dispose();

    /// <summary>Checks every row against the recording.</summary>
    /// <returns>How many rows left something out.</returns>
    private static int Check(IEnumerable<string> lines, List<JsonElement> rows, long high)
    {
        var recordings = lines.Select(static line => JsonElement.Parse(line)).ToDictionary(static line => line.GetProperty("id").GetString()!, static line => new Recording(line));
        var reduced = 0;
        foreach (var row in rows)
        {
            var what = row.ToString();
            var recording = recordings[row.GetProperty("conversation").GetString()!];
            var answer = recording.Answers[row.GetProperty("request").GetInt32()];
            var sent = Indexes(row, "sent");
            sent.Distinct().Count().ShouldBe(sent.Count, what);
            sent.Max().ShouldBe(answer - 1, what);
            foreach (var (call, result) in recording.Pairs)
                if (result < answer)
                    sent.Contains(call).ShouldBe(sent.Contains(result), $"{what}: pair {call}, {result}");
            Indexes(row, "shortened").Except(sent).ShouldBeEmpty(what);
            row.GetProperty("inputTokens").GetInt64().ShouldBeLessThanOrEqualTo(high, what);
            row.GetProperty("cacheReadTokens").GetInt64().ShouldBeLessThan(row.GetProperty("inputTokens").GetInt64(), what);
            for (var index = 0; index < answer; index++)
                if (recording.Roles[index] == "system")
                    sent.ShouldContain(index, what);
            // A whole history is sent as it is, also one that begins with a greeting.
            if (sent.Count == answer)
                continue;
            reduced++;
            recording.Roles[sent.First(index => recording.Roles[index] != "system")].ShouldBe("user", what);
        }

        return reduced;
    }

    private static List<int> Indexes(JsonElement row, string field) =>
        row.TryGetProperty(field, out var indexes) ? [.. indexes.EnumerateArray().Select(static index => index.GetInt32())] : [];

    private Task<List<JsonElement>> LogAsync(string file, params string[] options) => LogAsync(file, 0, options);

    private async Task<List<JsonElement>> LogAsync(string file, int expectedExitCode, params string[] options)
    {
        var log = _cli.PathOf("log.jsonl");
        var (exitCode, _, error) = await _cli.RunAsync(["replay", "conversations", file, "--model", "claude-sonnet-4-5", "--encoding", "o200k_base", "--log", log, .. options]);
        exitCode.ShouldBe(expectedExitCode, error);
        return [.. File.ReadLines(log).Select(static line => JsonElement.Parse(line))];
    }

    private static List<object> Generate(Random random)
    {
        var messages = new List<object>();
        if (random.Next(3) == 0)
            messages.Add(new { role = "system", content = Words(random.Next(30)) + " s" });
        if (random.Next(5) == 0)
            messages.Add(new { role = "assistant", content = "Hello, how may I help?" });
        var calls = 0;
        for (var turn = random.Next(2, 9); turn > 0; turn--)
        {
            messages.Add(new { role = "user", content = Words(random.Next(1, 50)) });
            if (random.Next(8) == 0)
                messages.Add(new { role = "system", content = "note" });
            for (var step = random.Next(5); step > 0; step--)
            {
                var ids = Enumerable.Range(0, random.Next(1, 4)).Select(_ => FormattableString.Invariant($"c{calls++}")).ToArray();
                messages.Add(Calls(ids));
                random.Shuffle(ids);
                // The calls of an aborted turn have no results, or not all.
                foreach (var id in ids.Take(random.Next(12) == 0 ? random.Next(ids.Length) : ids.Length))
                    messages.Add(Result(id, Words(random.Next(25) == 0 ? 2_000 : random.Next(60))));
            }

            messages.Add(new { role = "assistant", content = Words(random.Next(1, 50)) });
        }

        return messages;
    }

    private static object Recorded(string id, List<object> messages) => new { id, messages };

    private static object Calls(params string[] ids) =>
        new { role = "assistant", content = (string?)null, tool_calls = ids.Select(static id => new { id, name = "look", arguments = "{}" }) };

    private static object Result(string id, string text) => new { role = "tool", tool_call_id = id, content = text };

    private static string Words(int count)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
            text.Append("word ");
        return text.ToString();
    }

    private sealed class Recording
    {
        public Recording(JsonElement line)
        {
            var calls = new Dictionary<string, int>();
            foreach (var message in line.GetProperty("messages").EnumerateArray())
            {
                var role = message.GetProperty("role").GetString()!;
                if (role == "assistant" && Roles.Contains("user"))
                    Answers.Add(Roles.Count);
                if (message.TryGetProperty("tool_calls", out var made) && made.ValueKind == JsonValueKind.Array)
                    foreach (var call in made.EnumerateArray())
                        calls[call.GetProperty("id").GetString()!] = Roles.Count;
                // Some recordings use an id again: the newest call of it is meant.
                if (role == "tool")
                    Pairs.Add((calls[message.GetProperty("tool_call_id").GetString()!], Roles.Count));
                Roles.Add(role);
            }
        }

        public List<string> Roles { get; } = [];

        public List<int> Answers { get; } = [];

        public List<(int Call, int Result)> Pairs { get; } = [];
    }
}
