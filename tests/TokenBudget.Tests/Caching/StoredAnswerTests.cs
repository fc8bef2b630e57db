using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>Whichever way an answer is kept, what its callers get is the same, and theirs alone.</summary>
public sealed class StoredAnswerTests
{
    [Fact]
    public void An_answer_of_text_is_copied_to_what_its_JSON_reads_as()
    {
        var answer = Answer();
        var copied = StoredAnswer.TryMake(answer, out var json).ShouldNotBeNull().TryCopy().ShouldNotBeNull();
        json.ShouldBeNull();

        var read = StoredAnswer.TryRead(ResponsePayload.TryWrite(answer)!)!.TryCopy();
        JsonOf(copied).ShouldBe(JsonOf(read!));
        copied.ConversationId.ShouldBeNull();
        copied.RawRepresentation.ShouldBeNull();
        copied.Messages[0].RawRepresentation.ShouldBeNull();
        copied.Messages[0].Contents[0].RawRepresentation.ShouldBeNull();
    }

    [Fact]
    public void What_is_done_to_the_answer_or_to_a_copy_shows_nowhere_else()
    {
        var answer = Answer();
        var stored = StoredAnswer.TryMake(answer, out _)!;
        var before = JsonOf(stored.TryCopy()!);

        foreach (var mine in new[] { answer, stored.TryCopy()! })
        {
            ((TextContent)mine.Messages[0].Contents[0]).Text = "changed";
            mine.Messages[0].Contents.Add(new TextContent("more"));
            mine.Messages.Add(new ChatMessage(ChatRole.Assistant, "and more"));
            mine.Usage!.InputTokenCount = 0;
            mine.Usage.AdditionalCounts!["extra"] = 0;
        }

        JsonOf(stored.TryCopy()!).ShouldBe(before);
    }

    public static TheoryData<string, Action<ChatResponse>> MoreThanText() => new()
    {
        { "a property", static answer => answer.AdditionalProperties = new() { ["a"] = "b" } },
        { "a property of a message", static answer => answer.Messages[0].AdditionalProperties = new() { ["a"] = 1 } },
        { "a property of a content", static answer => answer.Messages[0].Contents[0].AdditionalProperties = new() { ["a"] = true } },
        { "a note", static answer => answer.Messages[0].Contents[0].Annotations = [new CitationAnnotation { Title = "t" }] },
        { "a call", static answer => answer.Messages[0].Contents.Add(new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["n"] = 1 })) },
        { "bytes", static answer => answer.Messages[0].Contents.Add(new DataContent(new byte[] { 1, 2 }, "image/png")) },
    };

    [Theory]
    [MemberData(nameof(MoreThanText))]
    public void An_answer_with_more_than_text_is_read_from_its_JSON(string what, Action<ChatResponse> add)
    {
        var answer = Answer();
        add(answer);

        var copy = StoredAnswer.TryMake(answer, out var json).ShouldNotBeNull(what).TryCopy().ShouldNotBeNull(what);

        json.ShouldNotBeNull(what);
        JsonOf(copy).ShouldBe(JsonOf(ResponsePayload.TryRead(json)!), what);
    }

    private static string JsonOf(ChatResponse answer) => JsonSerializer.Serialize(answer, AIJsonUtilities.DefaultOptions);

    private static ChatResponse Answer() => new(
        new ChatMessage(ChatRole.Assistant, [new TextContent("Yes.") { RawRepresentation = "raw" }, new TextReasoningContent("Because.") { ProtectedData = "sealed" }, new UsageContent(new UsageDetails { OutputTokenCount = 1 })])
        {
            AuthorName = "ann", MessageId = "m", CreatedAt = DateTimeOffset.UnixEpoch, RawRepresentation = new object(),
        })
    {
        ResponseId = "r", ModelId = "gpt-4o", CreatedAt = DateTimeOffset.UnixEpoch, FinishReason = ChatFinishReason.Stop, ConversationId = "theirs", RawRepresentation = new object(),
        Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2, AdditionalCounts = new() { ["extra"] = 3 } },
    };
}
