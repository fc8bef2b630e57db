using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Conversations;

/// <summary>A conversation changes by appended turns alone, whatever is done to messages that go in or come out.</summary>
public sealed class ConversationIsolationTests
{
    [Fact]
    public async Task What_is_done_to_an_answer_does_not_change_the_conversation()
    {
        await using var sample = new CallSample();
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(new FakeChatClient(new FakeReply { Messages = [Everything()] }));
        var response = await method.AskAsync(ReplyFormat.Response, "q", conversation);
        var before = Snapshot(conversation);
        before[1].ShouldBe(Json(Everything()), "and what is kept is what was answered");

        Spoil(response.Messages);
        Snapshot(conversation).ShouldBe(before);
    }

    [Fact]
    public async Task What_is_done_to_messages_that_are_handed_out_does_not_change_the_conversation()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var fake = new FakeChatClient(new FakeReply { Messages = [Everything()] }, FakeReply.Text("two"));
        var method = sample.Bind(fake);
        await method.AskAsync(ReplyFormat.Text, "q", conversation);
        var before = Snapshot(conversation);

        Spoil(conversation.Messages);
        Snapshot(conversation).ShouldBe(before);
        await method.AskAsync(ReplyFormat.Text, "r", conversation);
        fake.Requests[1].Messages.Take(2).Select(Json).ShouldBe(before, "and the next prompt begins as it did");
    }

    [Fact]
    public async Task What_a_wrapped_method_does_to_its_messages_does_not_change_the_conversation()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        await conversation.AppendTurnAsync(0, [new(new ChatMessage(ChatRole.User, "q"), 5), new(Everything(), 50)], default);
        var before = Snapshot(conversation);
        var call = sample.Runtime.Bind(CallSample.Policy()).Begin();
        call.Conversation(conversation);
        call.UserMessage("question", "r");
        await call.WrapAsync(
            ReplyFormat.Text,
            static (_, messages, _) =>
            {
                Spoil(messages);
                return Task.FromResult("done");
            },
            0,
            default);
        var after = Snapshot(conversation);
        after.Take(2).ShouldBe(before);
        conversation.Messages.Shape().Skip(2).ShouldBe(["user: r", "assistant: done"]);
    }

    [Fact]
    public async Task A_callers_own_message_is_neither_changed_nor_kept()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var mine = Everything();
        mine.Role = ChatRole.User;
        var untouched = Json(mine);
        var call = sample.Bind(new FakeChatClient(FakeReply.Text("x"))).Begin();
        call.Conversation(conversation);
        call.Message("message", mine);
        await call.InvokeAsync(ReplyFormat.Text, default);
        Json(mine).ShouldBe(untouched);
        var before = Snapshot(conversation);
        Spoil([mine]);
        Snapshot(conversation).ShouldBe(before);
    }

    [Fact]
    public async Task A_conversation_is_not_duplicated_by_saving_and_loading()
    {
        await using var sample = new CallSample();
        var method = sample.Bind(new FakeChatClient { Otherwise = static _ => new FakeReply { Messages = [Everything()] } });
        for (var turn = 0; turn < 3; turn++)
        {
            var conversation = await sample.Runtime.OpenConversationAsync("c");
            var before = Snapshot(conversation);
            await method.AskAsync(ReplyFormat.Text, $"question {turn}", conversation);
            var after = Snapshot(await sample.Runtime.OpenConversationAsync("c"));
            after.Count.ShouldBe(before.Count + 2);
            after.Take(before.Count).ShouldBe(before);
            after.ShouldBe(Snapshot(conversation), "what is in memory is what was stored");
        }
    }

    /// <summary>An answer with every content that has something in it to change.</summary>
    private static ChatMessage Everything() => new(ChatRole.Assistant,
    [
        new TextContent("text") { AdditionalProperties = new() { ["a"] = 1 }, Annotations = [new CitationAnnotation { Title = "title" }] },
        new TextReasoningContent("reasons") { ProtectedData = "signature" },
        // Not to be run here: the method has no such tool.
        new FunctionCallContent("a", "tool", new Dictionary<string, object?>
        {
            ["x"] = "one",
            ["element"] = JsonElement.Parse("{\"a\":1}"),
            ["node"] = new JsonObject { ["deep"] = "one" },
        }),
        new FunctionResultContent("a", "result"),
        new FunctionResultContent("b", new List<AIContent> { new TextContent("inner") }),
        new DataContent(new byte[] { 1, 2 }, "image/png") { Name = "name" },
        new UriContent("https://example.com/a", "image/png"),
        new ErrorContent("wrong"),
    ])
    {
        AuthorName = "Ann",
        MessageId = "m1",
        CreatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        AdditionalProperties = new() { ["stamp"] = "one" },
    };

    private static List<string> Snapshot(Conversation conversation) => [.. conversation.Messages.Select(Json)];

    private static string Json(ChatMessage message) => ChatMessageJson.Write(message);

    /// <summary>Changes all that can be changed.</summary>
    private static void Spoil(IList<ChatMessage> messages) => Spoil((IEnumerable<ChatMessage>)messages);

    private static void Spoil(IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
                Spoil(content);
            message.Role = ChatRole.System;
            message.AuthorName = "Mallory";
            (message.AdditionalProperties ??= [])["stamp"] = "two";
            message.Contents.Add(new TextContent("more"));
        }
    }

    private static void Spoil(AIContent content)
    {
        (content.AdditionalProperties ??= [])["a"] = 2;
        content.Annotations?.Clear();
        switch (content)
        {
            case TextContent text:
                text.Text = "other";
                break;
            case TextReasoningContent reasoning:
                (reasoning.Text, reasoning.ProtectedData) = ("other", "other");
                break;
            case FunctionCallContent { Arguments: { } arguments }:
                ((JsonObject)arguments["node"]!)["deep"] = "two";
                arguments["x"] = "two";
                arguments.Remove("element");
                break;
            case FunctionResultContent { Result: List<AIContent> results }:
                ((TextContent)results[0]).Text = "other";
                results.Clear();
                break;
            case FunctionResultContent result:
                result.Result = "other";
                break;
            case DataContent data:
                data.Name = "other";
                break;
            case ErrorContent error:
                error.Message = "other";
                break;
        }
    }
}
