using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Tests.Conversations;

public sealed class RecordedConversationReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenbudget-");
    private readonly List<RecordedConversationError> _errors = [];

    [Fact]
    public async Task Messages_keep_their_roles_texts_calls_and_results()
    {
        var conversation = (await ReadAsync(
            """
            {"id":"a","source":"s","model":"m","messages":[
              {"role":"system","content":"be brief"},{"role":"user","content":"2+2?"},
              {"role":"assistant","content":"","tool_calls":[{"id":"c1","name":"add","arguments":"{\"x\":2,\"y\":[2],\"z\":null}"}]},
              {"role":"tool","tool_call_id":"c1","content":"4"},{"role":"assistant","content":"4"}]}
            """.Replace("\n", " "))).ShouldHaveSingleItem();

        (conversation.Id, conversation.Source, conversation.Model).ShouldBe(("a", "s", "m"));
        conversation.Messages.Select(message => message.Role)
            .ShouldBe([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant]);
        var call = conversation.Messages[2].Contents.ShouldHaveSingleItem().ShouldBeOfType<FunctionCallContent>();
        (call.CallId, call.Name).ShouldBe(("c1", "add"));
        call.Arguments!.ToDictionary(pair => pair.Key, pair => ((JsonElement)pair.Value!).GetRawText())
            .ShouldBe(new Dictionary<string, string> { ["x"] = "2", ["y"] = "[2]", ["z"] = "null" });
        var result = conversation.Messages[3].Contents.ShouldHaveSingleItem().ShouldBeOfType<FunctionResultContent>();
        (result.CallId, result.Result).ShouldBe(("c1", "4"));
        conversation.CompleteToolPairs().ShouldBeSameAs(conversation);
        _errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"[1,2]\"", "[1,2]")]
    [InlineData("\"{\\\"cut\\\": \\\"of\"", "{\"cut\": \"of")]
    [InlineData("\"\"", "")]
    [InlineData("7", "7")]
    public async Task Arguments_that_are_not_an_object_are_kept_under_one_key(string arguments, string expected)
    {
        var call = await ReadCallAsync(arguments);

        call.Arguments.ShouldNotBeNull().Keys.ShouldBe(["arguments"]);
        call.Arguments["arguments"]!.ToString().ShouldBe(expected);
    }

    [Fact]
    public async Task Arguments_may_be_an_object_or_missing()
    {
        (await ReadCallAsync("{\"x\":1}")).Arguments.ShouldNotBeNull().Keys.ShouldBe(["x"]);
        (await ReadCallAsync("null")).Arguments.ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_a_line_feed_ends_a_line_and_a_message_without_anything_keeps_its_place()
    {
        var conversation = (await ReadAsync(
            "\uFEFF{\"id\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"x\u2028\u2029\u0085y\"},{\"role\":\"assistant\",\"content\":null},{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"z\"}]}]}\r\n\r\n\n"))
            .ShouldHaveSingleItem();

        conversation.Messages.Select(message => message.Text).ShouldBe(["x\u2028\u2029\u0085y", "", "z"]);
        conversation.Messages[1].Contents.ShouldBeEmpty();
        _errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_call_id_is_made_unique_together_with_its_result()
    {
        var conversation = (await ReadAsync(Conversation(
            Calls("c", "c"), Result("c", "first"), Result("c", "second"), Calls("c"), Result("c", "third"), Calls("c-2"), Result("c-2", "fourth"), Calls("c"))))
            .ShouldHaveSingleItem();

        var contents = conversation.Messages.SelectMany(message => message.Contents).ToList();
        contents.OfType<FunctionCallContent>().Select(call => call.CallId).ShouldBe(["c", "c-2", "c-3", "c-2-2", "c-4"]);
        contents.OfType<FunctionResultContent>().Select(result => $"{result.CallId} {result.Result}")
            .ShouldBe(["c first", "c-2 second", "c-3 third", "c-2-2 fourth"]);
    }

    [Fact]
    public async Task Open_calls_get_a_placeholder_before_anything_else_is_said_and_orphaned_results_go()
    {
        var conversation = (await ReadAsync(Conversation(
            Result("x", "orphan"), Calls("a", "b"), Result("b", "b's"), Result("y", "orphan"), """{"role":"user","content":"stop"}""", Calls("d"))))
            .ShouldHaveSingleItem()
            .CompleteToolPairs();

        conversation.Messages.Select(Describe).ShouldBe(
            ["call a, call b", "b: b's", $"a: {RecordedConversation.MissingResult}", "stop", "call d", $"d: {RecordedConversation.MissingResult}"]);
    }

    [Fact]
    public async Task An_unreadable_line_is_reported_with_its_number_and_reading_goes_on()
    {
        var good = Conversation("""{"role":"user","content":"x"}""");

        var read = await ReadAsync(string.Join('\n', good, "{oops", "", "[]", """{"id":"a"}""", """{"messages":[]}""", Conversation("""{"role":"robot"}"""),
            Conversation(good, """{"role":"user","content":5}"""), Conversation("""{"role":"user","content":"\ud800"}"""), Conversation("""{"role":"tool","content":"x"}"""), good));

        read.Count.ShouldBe(2);
        _errors.Select(error => error.Line).ShouldBe([2, 4, 5, 6, 7, 8, 9, 10]);
        _errors.Select(error => error.File).Distinct().ShouldHaveSingleItem().ShouldEndWith("c.jsonl");
        _errors.Skip(1).Select(error => error.Reason).ShouldBe(
        [
            "A conversation must be an object.",
            "There is no array 'messages'.",
            "There is no 'id'.",
            "Message 1: 'role' is 'robot', but must be system, developer, user, assistant or tool.",
            "Message 1: there is no 'role'.",
            "Message 1: 'content' is not well-formed text.",
            "Message 1: there is no 'tool_call_id'.",
        ]);
        _errors[0].ToString().ShouldEndWith("c.jsonl(2): " + _errors[0].Reason);
    }

    [Fact]
    public async Task Compressed_files_are_read_and_damage_is_reported_after_what_came_before_it()
    {
        // Longer than the reader's buffers, so that lines lie across their borders.
        var lines = Enumerable.Range(0, 300).Select(index => Conversation($$"""{"role":"user","content":"{{new string((char)('a' + (index % 26)), 1 + (index * 37))}}"}""")).ToList();
        var bytes = Compress(string.Join('\n', lines));

        (await ReadBytesAsync("whole.jsonl.gz", bytes)).Select(conversation => conversation.Messages[0].Text.Length)
            .ShouldBe(Enumerable.Range(0, 300).Select(index => 1 + (index * 37)));
        _errors.ShouldBeEmpty();

        var half = await ReadBytesAsync("half.jsonl.gz", bytes[..(bytes.Length / 2)]);
        half.Count.ShouldBeInRange(1, 299);
        _errors.ShouldContain(error => error.File.EndsWith("half.jsonl.gz") && error.Line == half.Count + 1);

        (await ReadBytesAsync("text.jsonl.gz", Encoding.UTF8.GetBytes(lines[0]))).ShouldBeEmpty();

        _errors.ShouldContain(error => error.File.EndsWith("text.jsonl.gz") && error.Line == 1 && error.Reason.Contains("compressed data is damaged"));
    }

    [Fact]
    public void A_missing_file_is_named_at_once() =>
        Should.Throw<FileNotFoundException>(() => RecordedConversationReader.ReadAsync("nowhere.jsonl", _errors.Add)).Message.ShouldContain("nowhere.jsonl");

    [Fact]
    public async Task Reading_can_be_cancelled() =>
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            File.WriteAllText(PathOf("c.jsonl"), Conversation());
            await foreach (var conversation in RecordedConversationReader.ReadAsync(PathOf("c.jsonl"), _errors.Add, new CancellationToken(canceled: true)))
                conversation.ShouldBeNull();
        });

    [SharedDataFact]
    public async Task All_recorded_conversations_are_read_and_become_valid_histories()
    {
        var read = await ReadPathAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"));

        _errors.ShouldBeEmpty();
        read.Count.ShouldBe(245);
        read.Sum(conversation => conversation.Messages.Count).ShouldBe(5_330);
        var completed = read.ConvertAll(conversation => conversation.CompleteToolPairs());
        (completed.Sum(conversation => conversation.Messages.Count) - 5_330).ShouldBe(31);
        foreach (var conversation in completed)
        {
            var calls = conversation.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToList();
            var results = conversation.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).ToList();
            calls.ShouldBeUnique(conversation.Id);
            results.Order().ShouldBe(calls.Order(), conversation.Id);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Describe(ChatMessage message) => string.Join(", ", message.Contents.Select(content => content switch
    {
        FunctionCallContent call => $"call {call.CallId}",
        FunctionResultContent result => $"{result.CallId}: {result.Result}",
        _ => message.Text,
    }));

    private static string Conversation(params string[] messages) => $"{{\"id\":\"a\",\"messages\":[{string.Join(",", messages)}]}}";

    private static string Calls(params string[] ids) =>
        $"{{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{string.Join(",", ids.Select(id => $"{{\"id\":\"{id}\",\"name\":\"f\",\"arguments\":\"{{}}\"}}"))}]}}";

    private static string Result(string id, string text) => $"{{\"role\":\"tool\",\"tool_call_id\":\"{id}\",\"content\":\"{text}\"}}";

    private static byte[] Compress(string text)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }

    private async Task<FunctionCallContent> ReadCallAsync(string arguments) =>
        (await ReadAsync(Conversation($"{{\"role\":\"assistant\",\"tool_calls\":[{{\"id\":\"c\",\"name\":\"f\",\"arguments\":{arguments}}}]}}")))
        .ShouldHaveSingleItem().Messages.ShouldHaveSingleItem().Contents.ShouldHaveSingleItem().ShouldBeOfType<FunctionCallContent>();

    private Task<List<RecordedConversation>> ReadAsync(string text) => ReadBytesAsync("c.jsonl", Encoding.UTF8.GetBytes(text));

    private Task<List<RecordedConversation>> ReadBytesAsync(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return ReadPathAsync(PathOf(name));
    }

    private async Task<List<RecordedConversation>> ReadPathAsync(string path)
    {
        var read = new List<RecordedConversation>();
        await foreach (var conversation in RecordedConversationReader.ReadAsync(path, _errors.Add))
            read.Add(conversation);
        return read;
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
