using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Tests.Counting;

/// <summary>A request is counted whole, and a text once.</summary>
public sealed class MessageCounterTests
{
    private int _countings;

    private MessageCounter Counter => new(TokenCounter.Create(text =>
    {
        _countings++;
        return text.Length;
    }));

    [Fact]
    public void Framing_names_calls_results_and_pictures_are_counted()
    {
        var counter = Counter;
        counter.Count(new ChatMessage(ChatRole.User, "1234")).ShouldBe(4 + 4);
        counter.Count(new ChatMessage(ChatRole.User, "1234") { AuthorName = "bob" }).ShouldBe(4 + 4 + 1 + 3);
        counter.Count(new ChatMessage(ChatRole.User, (string?)null)).ShouldBe(4);
        counter.Count(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("12"), new TextContent("345")])).ShouldBe(4 + 5);
        counter.Count(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("id", "tool", new Dictionary<string, object?> { ["a"] = "xyz", ["b"] = null })]))
            .ShouldBe(4 + 6 + 4 + (3 + 1 + 3) + (3 + 1 + 1));
        counter.Count(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("id", "12345")])).ShouldBe(4 + 6 + 5);
        counter.Count(new ChatMessage(ChatRole.User, [new DataContent(new byte[1_000_000], "image/png")])).ShouldBe(4 + 1_568);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json string")]
    [InlineData("text content")]
    [InlineData("list of contents")]
    public void A_result_counts_the_same_however_it_is_wrapped(string wrapping)
    {
        object result = wrapping switch
        {
            "json string" => JsonSerializer.SerializeToElement("12345"),
            "text content" => new TextContent("12345"),
            "list of contents" => new List<AIContent> { new TextContent("123"), new TextContent("45") },
            _ => "12345",
        };
        Counter.Count(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("id", result)])).ShouldBe(4 + 6 + 5);
    }

    [Fact]
    public void A_picture_as_a_result_is_a_picture_and_not_its_base64() =>
        Counter.Count(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("id", new DataContent(new byte[90_000], "image/png"))])).ShouldBe(4 + 6 + 1_568);

    [Theory]
    [InlineData("system")]
    [InlineData("user")]
    [InlineData("assistant")]
    [InlineData("tool")]
    [InlineData("developer")]
    public void Every_role_is_framed_alike(string role) => Counter.Count(new ChatMessage(new ChatRole(role), "1234")).ShouldBe(4 + 4);

    public static TheoryData<AIContent, int> LessCommonContents() => new()
    {
        { new ErrorContent("12345"), 5 },
        { new ErrorContent(null), 0 },
        { new HostedFileContent("file-1") { MediaType = "application/pdf", SizeInBytes = 120_000 }, 3 * 3_000 },
        { new HostedFileContent("file-1"), 10 * 3_000 },
        { new HostedFileContent("file-1") { MediaType = "image/png" }, 1_568 },
        { new HostedFileContent("file-1") { MediaType = "video/mp4", SizeInBytes = 2_500_000 }, 2_632 },
        { new HostedVectorStoreContent("store-1"), 0 },
        { new McpServerToolCallContent("id", "find", "srv") { Arguments = new Dictionary<string, object?> { ["q"] = "xyz" } }, 6 + 3 + 4 + (3 + 1 + 3) },
        { new McpServerToolResultContent("id") { Outputs = [new TextContent("12345")] }, 6 + 5 },
        { new CodeInterpreterToolCallContent("id") { Inputs = [new TextContent("print")] }, 6 + 5 },
        { new CodeInterpreterToolResultContent("id") { Outputs = [new TextContent("1"), new TextContent("2")] }, 6 + 2 },
        { new ToolApprovalRequestContent("id", new FunctionCallContent("id", "tool")), 6 + 4 },
        { new FunctionResultContent("id", null), 6 + 1 },
        { new FunctionResultContent("id", new[] { 1, 2 }), 6 + "[\n  1,\n  2\n]".Length },
    };

    [Theory]
    [MemberData(nameof(LessCommonContents))]
    public void Every_content_of_the_abstractions_is_counted_by_what_a_model_reads_of_it(AIContent content, int expected) =>
        Counter.Count(new ChatMessage(ChatRole.User, [content])).ShouldBe(4 + expected);

    [Fact]
    public void Instructions_tools_and_the_schema_of_the_answer_are_counted()
    {
        var counter = Counter;
        counter.Count((ChatOptions?)null).ShouldBe(0);
        counter.Count(new ChatOptions { Instructions = "12345" }).ShouldBe(4 + 5);
        var tool = AIFunctionFactory.Create(static (string city) => city, "weather", "tells the weather");
        counter.Count(new ChatOptions { Tools = [tool] }).ShouldBe(8 + 7 + 17 + tool.JsonSchema.GetRawText().Length);
        var before = _countings;
        counter.Count(new ChatOptions { Tools = [tool] });
        _countings.ShouldBe(before, "a tool is counted once");
        using var schema = JsonDocument.Parse("""{"type":"object"}""");
        counter.Count(new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement, "n", "d") }).ShouldBe(8 + 1 + 1 + 17);
    }

    [Fact]
    public void Models_have_their_encoding_or_a_learned_ratio()
    {
        var counters = new ModelCounters();
        counters.For("gpt-4o").Calibration.Ratio.ShouldBe(1);
        counters.For("claude-sonnet-4-5").Calibration.Ratio.ShouldBe(1.2);
        counters.For("gemini-2.5-pro").Calibration.Ratio.ShouldBe(1.1);
        counters.For(string.Empty).Calibration.Ratio.ShouldBe(1);
        counters.For("CLAUDE-sonnet-4-5").ShouldBeSameAs(counters.For("claude-sonnet-4-5"));
        counters.For("claude-sonnet-4-5").Messages.ShouldBeSameAs(counters.For("claude-haiku-4-5").Messages, "models that count alike remember together");
        counters.For("claude-sonnet-4-5").Messages.ShouldNotBeSameAs(counters.For("gpt-4o").Messages, "their pictures cost differently");
        counters.Use("gpt-4o", TokenCounter.Create(static _ => 7));
        counters.For("gpt-4o").Messages.Count("hello").ShouldBe(7);
    }
}
