using Microsoft.Extensions.AI;
using TokenBudget.Counting.Media;

namespace TokenBudget.Counting;

/// <summary>Counts messages and options as a provider would: text, framing, tool calls, tool results, tool schemas, pictures, files.</summary>
/// <remarks>
/// <para>Thread-safe. The count of a message is remembered for as long as the message lives and until it is changed, that of a long string or JSON
/// value as long as that lives: recounting a history costs what was added to it. Changes are seen in the list of contents, in a content's text,
/// arguments or result when another object takes its place; not inside an argument or result of the caller's own type.</para>
/// <para>Framing is 4 tokens a message, 1 more with a name, and 3 before the answer, the figures OpenAI publishes for its chat format
/// (OpenAI Cookbook, "How to count tokens with tiktoken"); a tool is framed by 8, a call or result by 6. What those guesses miss,
/// <see cref="TokenCalibration"/> learns from reported usage.</para>
/// <para>Pictures and pages are counted by the provider's published rule, never by the length of their base64; content of an unknown
/// type counts as its frame.</para>
/// </remarks>
public sealed class MessageCounter
{
    /// <summary>Tokens every message carries besides its content.</summary>
    public const int TokensPerMessage = 4;

    /// <summary>Tokens every request carries in front of the answer.</summary>
    public const int TokensPerRequest = 3;

    private const int TokensPerName = 1;
    private const int TokensPerTool = 8;

    private readonly TextMemory _texts;
    private readonly MessageMemory _memory = new();
    private readonly ContentCounter _contents;
    private readonly int _tokensForTools;

    /// <summary>Counts with a given tokenizer, and pictures and files for a provider nobody knows: at most 1,568 tokens a picture.</summary>
    /// <param name="counter">The tokenizer.</param>
    /// <exception cref="ArgumentNullException"><paramref name="counter"/> is null.</exception>
    public MessageCounter(TokenCounter counter)
        : this(new TextMemory(counter ?? throw new ArgumentNullException(nameof(counter))), MediaFormulas.Default, 1, hasToolPrompt: false)
    {
    }

    /// <param name="texts">Counts texts; may be shared.</param>
    /// <param name="media">The provider's rules.</param>
    /// <param name="mediaRatio">The provider's tokens for each of ours.</param>
    /// <param name="hasToolPrompt">Whether what the provider adds for tools is counted.</param>
    internal MessageCounter(TextMemory texts, MediaFormula media, double mediaRatio, bool hasToolPrompt = true)
    {
        _texts = texts;
        _contents = new ContentCounter(texts, media, mediaRatio);
        _tokensForTools = hasToolPrompt ? _contents.FromProvider(media.TokensForTools) : 0;
    }

    /// <summary>The tokens of one text, without framing.</summary>
    /// <param name="text">The text, or <see langword="null"/>: 0.</param>
    public int Count(string? text) => _texts.Count(text);

    /// <summary>The tokens of one message with its framing.</summary>
    /// <param name="message">The message.</param>
    /// <returns>4 or more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is null.</exception>
    public int Count(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_memory.TryGet(message, out var known))
            return known;
        var parts = MessageFingerprint.Of(message);
        var tokens = CountAnew(message);
        if (parts is not null)
            _memory.Set(message, parts, tokens);
        return tokens;
    }

    /// <summary>The same of a message that will hardly be asked for again: what is known of it is used, and nothing is remembered but long texts.</summary>
    internal int CountOnce(ChatMessage message) => _memory.TryGet(message, out var known) ? known : CountAnew(message);

    /// <summary>The tokens of what options add to every request: instructions, tools and the schema of the answer.</summary>
    /// <param name="options">The options, or <see langword="null"/>: 0.</param>
    public int Count(ChatOptions? options)
    {
        if (options is null)
            return 0;
        var tokens = options.Instructions is { Length: > 0 } instructions ? TokensPerMessage + Count(instructions) : 0;
        if (options.Tools is { Count: > 0 } tools)
        {
            tokens += _tokensForTools;
            foreach (var tool in tools)
                tokens += TokensPerTool + _texts.Count(tool);
        }

        if (options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } format)
            tokens += TokensPerTool + Count(format.SchemaName) + Count(format.SchemaDescription) + _texts.Count(schema);
        return tokens;
    }

    /// <summary>The tokens of one part of a message, with its framing.</summary>
    internal int CountContent(AIContent content) => _contents.Count(content);

    /// <summary>The message's tokens, of which nothing but long texts is remembered.</summary>
    internal int CountAnew(ChatMessage message)
    {
        var tokens = TokensPerMessage + (string.IsNullOrEmpty(message.AuthorName) ? 0 : TokensPerName + Count(message.AuthorName));
        var contents = message.Contents;
        for (var index = 0; index < contents.Count; index++)
            tokens += _contents.Count(contents[index]);
        return tokens;
    }
}
