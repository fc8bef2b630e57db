using System.Text.Json;
using Microsoft.Extensions.AI;
using Shouldly;

namespace TokenBudget.Conformance;

/// <summary>Messages with every kind of content that reaches a provider, and text that storage likes to spoil.</summary>
public static class SampleMessages
{
    /// <summary>The messages, made anew at every call.</summary>
    public static IReadOnlyList<ChatMessage> All =>
    [
        new(ChatRole.System, ""),
        .. Texts.Select(text => new ChatMessage(ChatRole.User, text)),
        new(ChatRole.User,
        [
            new TextContent("look"),
            new DataContent(new byte[] { 0, 1, 2, 250, 255 }, "image/png"),
            new UriContent("https://example.com/a.png", "image/png"),
        ])
        {
            AuthorName = "Ann\0 \udc00",
            MessageId = "m1",
            CreatedAt = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.FromHours(2)),
            AdditionalProperties = new() { ["text"] = "x\ud800", ["number"] = 1.5, ["flag"] = true, ["none"] = null },
        },
        new(ChatRole.Assistant,
        [
            new TextReasoningContent("think \ud83d…") { ProtectedData = "c2lnbmF0dXJl+/=" },
            new FunctionCallContent("call_1", "search", new Dictionary<string, object?>
            {
                ["z"] = "a string\0\ud800",
                ["a"] = JsonElement.Parse("\"an element \\ud800\""),
                ["raw"] = JsonElement.Parse("{ \"b\": 1.0e2, \"a\": [1.50, \"\\u0041\\udc00\", null] }"),
                ["n"] = 42,
                ["null"] = null,
            }),
        ]),
        new(ChatRole.Tool,
        [
            new FunctionResultContent("call_1", "plain \"text\"\0\udfff 🙂"),
            new FunctionResultContent("call_2", JsonElement.Parse("\"a JSON string\"")),
            new FunctionResultContent("call_3", JsonElement.Parse("{\"ok\":true, \"n\":1.0}")),
            new FunctionResultContent("call_4", null),
            new FunctionResultContent("call_5", new DataContent(new byte[] { 9, 8, 7 }, "image/jpeg")),
            new FunctionResultContent("call_6", new List<AIContent> { new TextContent("one \ud800"), new DataContent(new byte[] { 1 }, "image/png") }),
            new FunctionResultContent("call_7", "\uFFFFj\"not an element\""),
        ]),
    ];

    private static IEnumerable<string> Texts =>
    [
        "plain", " spaces  and\ttabs\r\nand lines\n", "\0", "a\0b\u0001\u001f\u007f", "🙂👩‍👩‍👧‍👦é e\u0301 漢字 \u202e",
        "<script>&'\"\\/</script>",
        "\ud83d", "\ude42", "\ude42\ud83d", "a\ud800b\udfffc🙂\ud83d", "\ud83d\ud83d\ude42", "\\ud800", "\\\\u0000 \ud800 \\",
        "\uFFFF\uFFFE\uFEFF\uFFFD", "\u2028\u2029",
        "{\"$type\":\"text\"}", "\b\f\n\r\t\ud800\b\f\n\r\t\"\\/",
    ];

    /// <summary>Fails when a provider's adapter could tell the two apart.</summary>
    public static void ShouldBeTheSame(ChatMessage actual, ChatMessage expected)
    {
        actual.Role.ShouldBe(expected.Role);
        actual.AuthorName.ShouldBe(expected.AuthorName);
        actual.MessageId.ShouldBe(expected.MessageId);
        actual.CreatedAt.ShouldBe(expected.CreatedAt);
        Values(actual.AdditionalProperties).ShouldBe(Values(expected.AdditionalProperties));
        ShouldBeTheSame(actual.Contents, expected.Contents);
    }

    private static void ShouldBeTheSame(IList<AIContent> actual, IList<AIContent> expected)
    {
        actual.Count.ShouldBe(expected.Count);
        for (var i = 0; i < expected.Count; i++)
            ShouldBeTheSame(actual[i], expected[i]);
    }

    private static void ShouldBeTheSame(AIContent actual, AIContent expected)
    {
        actual.ShouldBeOfType(expected.GetType());
        switch (expected)
        {
            case TextContent text:
                // Compared by code unit: assertion messages would hide what went wrong with unpaired surrogates.
                CodeUnits(((TextContent)actual).Text).ShouldBe(CodeUnits(text.Text));
                break;
            case TextReasoningContent reasoning:
                CodeUnits(((TextReasoningContent)actual).Text).ShouldBe(CodeUnits(reasoning.Text));
                ((TextReasoningContent)actual).ProtectedData.ShouldBe(reasoning.ProtectedData);
                break;
            case DataContent data:
                ((DataContent)actual).Uri.ShouldBe(data.Uri);
                ((DataContent)actual).MediaType.ShouldBe(data.MediaType);
                break;
            case UriContent uri:
                ((UriContent)actual).Uri.ShouldBe(uri.Uri);
                ((UriContent)actual).MediaType.ShouldBe(uri.MediaType);
                break;
            case FunctionCallContent call:
                ((FunctionCallContent)actual).CallId.ShouldBe(call.CallId);
                ((FunctionCallContent)actual).Name.ShouldBe(call.Name);
                Values(((FunctionCallContent)actual).Arguments).ShouldBe(Values(call.Arguments));
                break;
            case FunctionResultContent result:
                ((FunctionResultContent)actual).CallId.ShouldBe(result.CallId);
                ShouldBeTheSameResult(((FunctionResultContent)actual).Result, result.Result);
                break;
            default:
                throw new NotSupportedException($"How to compare {expected.GetType()}?");
        }
    }

    private static void ShouldBeTheSameResult(object? actual, object? expected)
    {
        switch (expected)
        {
            case AIContent content:
                ShouldBeTheSame(actual.ShouldBeAssignableTo<AIContent>()!, content);
                break;
            case IList<AIContent> contents:
                ShouldBeTheSame(actual.ShouldBeAssignableTo<IList<AIContent>>()!, contents);
                break;
            default:
                Value(actual).ShouldBe(Value(expected));
                break;
        }
    }

    private static IReadOnlyList<string>? Values(IEnumerable<KeyValuePair<string, object?>>? values) =>
        values is null ? null : [.. values.Select(pair => $"{pair.Key}={Value(pair.Value)}")];

    // Numbers and booleans come back as elements that are sent as the same text.
    private static string Value(object? value) => value switch
    {
        null => "null",
        string text => "text " + CodeUnits(text),
        JsonElement element => "element " + element.GetRawText(),
        _ => "element " + JsonSerializer.Serialize(value),
    };

    private static string CodeUnits(string text) => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
}
