using Microsoft.Extensions.AI;

namespace TokenBudget.Tests.Calls;

public sealed class PromptCacheMarkersTests
{
    private const string Key = "marked";

    [Fact]
    public async Task The_system_message_the_end_of_the_last_request_and_the_end_are_marked()
    {
        List<ChatMessage> history =
        [
            new(ChatRole.System, "rules"),
            new(ChatRole.User, "look"),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "t")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "r1")]),
            new(ChatRole.Assistant, [new FunctionCallContent("b", "t"), new FunctionCallContent("c", "t")]),
            new(ChatRole.Tool, [new FunctionResultContent("b", "r2"), new FunctionResultContent("c", "r3")]),
        ];

        (await MarkedAsync(history)).ShouldBe(["0.0", "3.0", "5.1"]);
        (await MarkedAsync(history[..2])).ShouldBe(["0.0", "1.0"]);
        (await MarkedAsync(history[1..2])).ShouldBe(["0.0"]);
    }

    [Fact]
    public async Task Histories_stay_as_they_are_and_properties_are_kept()
    {
        var content = new TextContent("look") { AdditionalProperties = new() { ["own"] = 1 } };
        var fake = new FakeChatClient(FakeReply.Text("x"));

        await fake.WithPromptCacheMarkers(Mark).GetResponseAsync([new ChatMessage(ChatRole.User, [content])]);

        content.AdditionalProperties.Keys.ShouldBe(["own"]);
        fake.Requests[0].Messages[0].Contents[0].AdditionalProperties!.Keys.ShouldBe(["own", Key], ignoreOrder: true);
    }

    [Fact]
    public async Task Streams_are_marked_too_and_blank_text_is_not()
    {
        var fake = new FakeChatClient(FakeReply.Text("x"));

        await foreach (var _ in fake.WithPromptCacheMarkers(Mark).GetStreamingResponseAsync([new ChatMessage(ChatRole.System, " "), new ChatMessage(ChatRole.User, "look")]))
        {
        }

        Marks(fake.Requests[0]).ShouldBe(["1.0"]);
    }

    private static async Task<IEnumerable<string>> MarkedAsync(List<ChatMessage> history)
    {
        var fake = new FakeChatClient(FakeReply.Text("x"));
        await fake.WithPromptCacheMarkers(Mark).GetResponseAsync(history);
        return Marks(fake.Requests[0]);
    }

    private static void Mark(AIContent content) => (content.AdditionalProperties ??= [])[Key] = true;

    private static List<string> Marks(FakeRequest request) =>
    [
        .. request.Messages.SelectMany((message, at) => message.Contents
            .Select((content, part) => (content, Place: $"{at}.{part}"))
            .Where(static pair => pair.content.AdditionalProperties?.ContainsKey(Key) is true)
            .Select(static pair => pair.Place)),
    ];
}
