using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>A message as it was when it was counted, so that a change is seen at a glance.</summary>
/// <remarks>
/// Nearly all messages have one content, of a kind whose text is one string that never changes. Of these the objects are compared one by one, without a
/// walk; of all others <see cref="MessageFingerprint"/> is.
/// </remarks>
internal readonly struct RememberedMessage
{
    private readonly ChatMessage _message;
    private readonly string? _author;
    private readonly AIContent? _content;
    private readonly object? _text;
    private readonly Kind _kind;

    private RememberedMessage(ChatMessage message, Kind kind, AIContent? content, object? text)
    {
        _message = message;
        _author = message.AuthorName;
        _kind = kind;
        _content = content;
        _text = text;
    }

    private enum Kind : byte
    {
        /// <summary>One text.</summary>
        Text,

        /// <summary>One tool result that is a string.</summary>
        Result,

        /// <summary>One tool call; the text is what its arguments were, name and value in turn.</summary>
        Call,

        /// <summary>Anything whose changes can be seen; the text is its fingerprint.</summary>
        Walked,

        /// <summary>Something that can change without being seen.</summary>
        Unknown,
    }

    /// <summary>Whether it has to be counted every time.</summary>
    public bool IsUnknown => _kind == Kind.Unknown;

    /// <summary>Takes down what a message consists of.</summary>
    public static RememberedMessage Of(ChatMessage message)
    {
        if (message.Contents is List<AIContent> { Count: 1 } contents)
        {
            if (contents[0].GetType() == typeof(TextContent))
                return new RememberedMessage(message, Kind.Text, contents[0], ((TextContent)contents[0]).Text);
            if (contents[0] is FunctionResultContent { Result: string text } && contents[0].GetType() == typeof(FunctionResultContent))
                return new RememberedMessage(message, Kind.Result, contents[0], text);
            if (contents[0] is FunctionCallContent { Arguments: Dictionary<string, object?> arguments } && contents[0].GetType() == typeof(FunctionCallContent))
                return new RememberedMessage(message, Kind.Call, contents[0], (object?[])[arguments, .. arguments.SelectMany(static argument => new[] { argument.Key, argument.Value })]);
        }

        var parts = MessageFingerprint.Of(message);
        return new RememberedMessage(message, parts is null ? Kind.Unknown : Kind.Walked, null, parts);
    }

    /// <summary>Whether this is that message and it is as it was.</summary>
    public bool IsOf(ChatMessage message)
    {
        if (!ReferenceEquals(message, _message))
            return false;
        if (_kind >= Kind.Walked)
            return _kind == Kind.Walked && MessageFingerprint.Matches(message, (object?[])_text!);
        if (!ReferenceEquals(message.AuthorName, _author) || message.Contents is not List<AIContent> { Count: 1 } contents || !ReferenceEquals(contents[0], _content))
            return false;
        return _kind switch
        {
            Kind.Text => ReferenceEquals(((TextContent)_content!).Text, _text),
            Kind.Result => ReferenceEquals(((FunctionResultContent)_content!).Result, _text),
            _ => AreSame(((FunctionCallContent)_content!).Arguments, (object?[])_text!),
        };
    }

    private static bool AreSame(IDictionary<string, object?>? arguments, object?[] known)
    {
        if (!ReferenceEquals(arguments, known[0]))
            return false;
        var index = 1;
        foreach (var (name, value) in (Dictionary<string, object?>)known[0]!)
            if (index >= known.Length || !ReferenceEquals(name, known[index++]) || !ReferenceEquals(value, known[index++]))
                return false;
        return index == known.Length;
    }
}
