using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Counting;

/// <summary>Counts messages and options as a provider would: text, framing, tool calls, tool results, tool schemas, images.</summary>
/// <remarks>
/// Thread-safe. The count of a long string or JSON value is remembered for as long as the object lives, so recounting a history costs what
/// was added to it. Framing is 4 tokens a message and 3 before the answer, the figures OpenAI publishes for its chat format;
/// a tool is framed by 8, a call or result by 6. What those guesses miss, <see cref="TokenCalibration"/> learns from reported usage.
/// </remarks>
public sealed class MessageCounter
{
    /// <summary>Tokens every message carries besides its content.</summary>
    public const int TokensPerMessage = 4;

    /// <summary>Tokens every request carries in front of the answer.</summary>
    public const int TokensPerRequest = 3;

    private const int TokensPerTool = 8;
    private const int TokensPerToolContent = 6;

    // What Anthropic charges at most for an image it does not shrink (1,568 pixels a side: width × height / 750 ≈ 1,600).
    private const int TokensPerImage = 1_600;

    // Below this, counting is as fast as looking up.
    private const int RememberedLength = 48;

    private readonly TokenCounter _counter;
    private readonly ConditionalWeakTable<object, StrongBox<int>> _counts = [];
    private readonly ConditionalWeakTable<AITool, StrongBox<int>> _tools = [];

    /// <summary>Counts with a given tokenizer.</summary>
    /// <param name="counter">The tokenizer.</param>
    public MessageCounter(TokenCounter counter)
    {
        ArgumentNullException.ThrowIfNull(counter);
        _counter = counter;
    }

    /// <summary>The tokens of one text, without framing.</summary>
    /// <param name="text">The text, or <see langword="null"/>: 0.</param>
    public int Count(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        if (text.Length < RememberedLength)
            return _counter.CountTokens(text);
        if (_counts.TryGetValue(text, out var known))
            return known.Value;
        var count = _counter.CountTokens(text);
        _counts.AddOrUpdate(text, new StrongBox<int>(count));
        return count;
    }

    /// <summary>The tokens of one message with its framing.</summary>
    /// <param name="message">The message.</param>
    public int Count(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var tokens = TokensPerMessage + Count(message.AuthorName);
        foreach (var content in message.Contents)
            tokens += Count(content);
        return tokens;
    }

    /// <summary>The tokens of what options add to every request: instructions, tools and the schema of the answer.</summary>
    /// <param name="options">The options, or <see langword="null"/>: 0.</param>
    public int Count(ChatOptions? options)
    {
        if (options is null)
            return 0;
        var tokens = options.Instructions is { Length: > 0 } instructions ? TokensPerMessage + Count(instructions) : 0;
        foreach (var tool in options.Tools ?? [])
            tokens += Count(tool);

        if (options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } format)
            tokens += TokensPerTool + Count(format.SchemaName) + Count(format.SchemaDescription) + Count(schema);
        return tokens;
    }

    /// <summary>A tool's declaration does not change, and its schema's text is made anew each time it is asked for.</summary>
    private int Count(AITool tool)
    {
        if (_tools.TryGetValue(tool, out var known))
            return known.Value;
        var tokens = TokensPerTool + Count(tool.Name) + Count(tool.Description);
        if (tool is AIFunctionDeclaration function)
            tokens += Count(function.JsonSchema);
        _tools.AddOrUpdate(tool, new StrongBox<int>(tokens));
        return tokens;
    }

    private int Count(AIContent content) => content switch
    {
        TextContent text => Count(text.Text),
        TextReasoningContent reasoning => Count(reasoning.Text),
        FunctionCallContent call => TokensPerToolContent + Count(call.Name) + Count(call.Arguments),
        FunctionResultContent result => TokensPerToolContent + CountValue(result.Result),
        DataContent data when data.HasTopLevelMediaType("image") => TokensPerImage,
        UriContent uri when uri.HasTopLevelMediaType("image") => TokensPerImage,
        // A file is extracted by the provider; half a token a byte bounds text, and base64 length is never counted.
        DataContent data => data.Data.Length / 2,
        ErrorContent error => Count(error.Message),
        _ => 0,
    };

    private int Count(IDictionary<string, object?>? arguments)
    {
        var tokens = 0;
        foreach (var (name, value) in arguments ?? EmptyArguments)
            tokens += 3 + Count(name) + CountValue(value);
        return tokens;
    }

    private static readonly Dictionary<string, object?> EmptyArguments = [];

    private int CountValue(object? value) => value switch
    {
        null => 1,
        string text => Count(text),
        JsonElement json => Count(json, value),
        AIContent content => Count(content),
        IEnumerable<AIContent> contents => contents.Sum(Count),
        _ => Count(JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)))),
    };

    /// <summary>A boxed element is as immutable as a string; its text is made anew each time it is asked for, so the box is remembered.</summary>
    private int Count(JsonElement json, object box)
    {
        if (_counts.TryGetValue(box, out var known))
            return known.Value;
        var count = Count(json);
        _counts.AddOrUpdate(box, new StrongBox<int>(count));
        return count;
    }

    private int Count(JsonElement json) =>
        json.ValueKind is JsonValueKind.Undefined ? 0 : _counter.CountTokens(json.ValueKind is JsonValueKind.String ? json.GetString()! : json.GetRawText());
}
