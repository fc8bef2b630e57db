#if NET
using System.Diagnostics.CodeAnalysis;
#endif
using System.Text;

namespace TokenBudget.Tokenization;

/// <summary>Counts and encodes the tokens of a text exactly as OpenAI's models see it.</summary>
/// <remarks>
/// <para>
/// All text is ordinary text: <c>&lt;|endoftext|&gt;</c> written in a message is counted as the characters it consists of, which is what
/// a provider does with it. A surrogate without its partner counts as U+FFFD. Positions and lengths are in UTF-16 code units.
/// </para>
/// <para>
/// Instances are immutable and thread-safe. The data of an encoding (up to 6 MB in memory) is loaded once, when it is first asked for.
/// Every operation takes time in proportion to the length of the text (times its logarithm for a word without an end),
/// and counting allocates nothing once the first calls have been made.
/// </para>
/// </remarks>
public sealed unsafe class Tokenizer
{
    internal const string O200kBase = "o200k_base";
    internal const string Cl100kBase = "cl100k_base";

    private static readonly Lazy<Tokenizer> O200k = new(() => new Tokenizer(O200kBase, new O200kPreTokenizer()));
    private static readonly Lazy<Tokenizer> Cl100k = new(() => new Tokenizer(Cl100kBase, new Cl100kPreTokenizer()));

    private readonly PreTokenizer _preTokenizer;
    private readonly MergerPool _mergers;
    private readonly TextCounter _counter;
    private readonly TextCutter _cutter;

    private Tokenizer(string encodingName, PreTokenizer preTokenizer)
    {
        EncodingName = encodingName;
        Vocabulary = Vocabulary.Load(encodingName);
        _preTokenizer = preTokenizer;
        _mergers = new MergerPool(Vocabulary);
        _counter = new TextCounter(Vocabulary, preTokenizer, _mergers);
        _cutter = new TextCutter(Vocabulary, preTokenizer, _mergers, _counter);
    }

    /// <summary>The name of the encoding: <c>o200k_base</c> or <c>cl100k_base</c>.</summary>
    public string EncodingName { get; }

    internal Vocabulary Vocabulary { get; }

    /// <summary>Makes the next counts as slow as those of text never seen before; for measuring.</summary>
    internal void ForgetCounts() => _counter.Forget();

    /// <summary>The tokenizer of an encoding.</summary>
    /// <param name="name"><c>o200k_base</c> (GPT-4o and later) or <c>cl100k_base</c> (GPT-4, GPT-3.5, embeddings).</param>
    /// <returns>The same instance every time.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentException">The name is neither of the two.</exception>
    public static Tokenizer ForEncoding(string name) => name switch
    {
        null => throw new ArgumentNullException(nameof(name)),
        O200kBase => O200k.Value,
        Cl100kBase => Cl100k.Value,
        _ => throw new ArgumentException($"'{name}' is not an encoding of this library. Use '{O200kBase}' or '{Cl100kBase}'.", nameof(name)),
    };

    /// <summary>The tokenizer of an OpenAI model.</summary>
    /// <param name="modelId">
    /// A model id such as <c>gpt-4o</c>, <c>gpt-4.1-mini-2025-04-14</c>, <c>o3</c> or <c>text-embedding-3-small</c>; case does not matter.
    /// </param>
    /// <returns>The same instance for all models of an encoding.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="modelId"/> is null.</exception>
    /// <exception cref="ArgumentException">No public tokenizer is known for the model.</exception>
    public static Tokenizer ForModel(string modelId) =>
        TryForModel(modelId, out var tokenizer)
            ? tokenizer!
            : throw new ArgumentException(
                $"No public tokenizer is known for the model '{modelId}'. For an OpenAI model that is newer than this library, name its encoding: "
                + $"Tokenizer.ForEncoding(\"{O200kBase}\"). Models of other makers can only be estimated: count with {O200kBase} and correct the "
                + "result by the usage the provider reports.",
                nameof(modelId));

    /// <summary>The tokenizer of an OpenAI model, where the model is known.</summary>
    /// <param name="modelId">A model id, as for <see cref="ForModel"/>.</param>
    /// <param name="tokenizer">The tokenizer, or null when the answer is false.</param>
    /// <returns>Whether the encoding of the model is known.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="modelId"/> is null.</exception>
    public static bool TryForModel(
        string modelId,
#if NET
        [NotNullWhen(true)]
#endif
        out Tokenizer? tokenizer)
    {
        var encoding = ModelEncodings.Find(modelId ?? throw new ArgumentNullException(nameof(modelId)));
        tokenizer = encoding is null ? null : ForEncoding(encoding);
        return tokenizer is not null;
    }

    /// <summary>The number of tokens of a text; 0 for an empty one.</summary>
    /// <param name="text">Any text.</param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public int CountTokens(string text) => CountTokens(text, int.MaxValue);

    /// <summary>Counts the tokens of a text, but stops as soon as there are more than a limit.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="limit">The largest number that matters, 0 or more.</param>
    /// <returns>
    /// The number of tokens when it is at most <paramref name="limit"/>, otherwise <paramref name="limit"/> + 1, whatever the number would have been.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is negative.</exception>
    public int CountTokens(string text, int limit)
    {
        RequireText(text);
        fixed (char* characters = text)
            return Count(characters, text.Length, limit);
    }

    /// <summary>The tokens of a text, in order.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>Token ids, 0 to 199,997 (o200k_base) or 100,255 (cl100k_base); empty for an empty text. Never ids of special tokens.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public IReadOnlyList<int> EncodeToIds(string text)
    {
        RequireText(text);
        fixed (char* characters = text)
            return Encode(characters, text.Length);
    }

    /// <summary>The longest beginning of a text that has at most so many of its tokens.</summary>
    /// <remarks>
    /// Tokens are those of the whole text. Counted by itself the beginning can have fewer, where it ends within white space or a word.
    /// </remarks>
    /// <param name="text">Any text.</param>
    /// <param name="maxTokenCount">How many tokens the beginning may have, 0 or more.</param>
    /// <param name="tokenCount">
    /// How many tokens lie before the returned position: fewer than <paramref name="maxTokenCount"/> when the text has no more, or when the last
    /// token would have ended within a character.
    /// </param>
    /// <returns>
    /// A position in the text, 0 to its length, at the end of a token, never inside a surrogate pair and, where there is a place nearby, not between
    /// a character and its combining marks or joiners: the first
    /// <paramref name="tokenCount"/> tokens of the whole text are exactly <c>text.Substring(0, position)</c>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokenCount"/> is negative.</exception>
    public int GetIndexByTokenCount(string text, int maxTokenCount, out int tokenCount)
    {
        RequireText(text);
        fixed (char* characters = text)
            return _cutter.FromStart(characters, text.Length, maxTokenCount, out tokenCount);
    }

    /// <summary>The longest end of a text that has at most so many of its tokens.</summary>
    /// <remarks>
    /// Tokens are those of the whole text. Counted by itself the end can have fewer, and very rarely one more, because where words and
    /// numbers are split depends on what comes before them: whoever must not exceed a limit counts what was cut out.
    /// </remarks>
    /// <param name="text">Any text.</param>
    /// <param name="maxTokenCount">How many tokens the end may have, 0 or more.</param>
    /// <param name="tokenCount">How many tokens lie after the returned position; see <see cref="GetIndexByTokenCount(string, int, out int)"/>.</param>
    /// <returns>
    /// A position in the text, 0 to its length, at the start of a token, never inside a surrogate pair and, where there is a place nearby, not between
    /// a character and its combining marks or joiners: the last
    /// <paramref name="tokenCount"/> tokens of the whole text are exactly <c>text.Substring(position)</c>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokenCount"/> is negative.</exception>
    public int GetIndexByTokenCountFromEnd(string text, int maxTokenCount, out int tokenCount)
    {
        RequireText(text);
        fixed (char* characters = text)
            return _cutter.FromEnd(characters, text.Length, maxTokenCount, out tokenCount);
    }

    /// <summary>The text that tokens stand for.</summary>
    /// <param name="ids">Token ids as <see cref="EncodeToIds(string)"/> gives them.</param>
    /// <returns>The text. Bytes that are no whole character, as at the ends of a cut-out range, become U+FFFD.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="ids"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is not one of this encoding's tokens; the ids of special tokens are none, for they have no text.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        if (ids is null)
            throw new ArgumentNullException(nameof(ids));

        var bytes = new byte[256];
        var count = 0;
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)Vocabulary.Count)
                throw new ArgumentOutOfRangeException(
                    nameof(ids), id, $"{id} is not a token of {EncodingName}, whose ids are 0 to {Vocabulary.Count - 1}. Leave out the ids of special tokens: they have no text.");

            if (bytes.Length < count + Vocabulary.LongestToken)
                Array.Resize(ref bytes, checked(2 * bytes.Length));
            count = Vocabulary.CopyBytes(id, bytes, count);
        }

        return Encoding.UTF8.GetString(bytes, 0, count);
    }

#if NET
    /// <inheritdoc cref="CountTokens(string)"/>
    public int CountTokens(ReadOnlySpan<char> text) => CountTokens(text, int.MaxValue);

    /// <inheritdoc cref="CountTokens(string, int)"/>
    public int CountTokens(ReadOnlySpan<char> text, int limit)
    {
        fixed (char* characters = text)
            return Count(characters, text.Length, limit);
    }

    /// <inheritdoc cref="EncodeToIds(string)"/>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text)
    {
        fixed (char* characters = text)
            return Encode(characters, text.Length);
    }

    /// <inheritdoc cref="GetIndexByTokenCount(string, int, out int)"/>
    public int GetIndexByTokenCount(ReadOnlySpan<char> text, int maxTokenCount, out int tokenCount)
    {
        fixed (char* characters = text)
            return _cutter.FromStart(characters, text.Length, maxTokenCount, out tokenCount);
    }

    /// <inheritdoc cref="GetIndexByTokenCountFromEnd(string, int, out int)"/>
    public int GetIndexByTokenCountFromEnd(ReadOnlySpan<char> text, int maxTokenCount, out int tokenCount)
    {
        fixed (char* characters = text)
            return _cutter.FromEnd(characters, text.Length, maxTokenCount, out tokenCount);
    }
#endif

    /// <summary>The number of tokens of a text.</summary>
    internal int CountWhole(char* text, int length) => Count(text, length, int.MaxValue);

    /// <summary>Counts the pieces at the start of a text that stay as they are, whatever is appended to it.</summary>
    /// <param name="text">The text so far.</param>
    /// <param name="length">Where it ends.</param>
    /// <param name="settled">Where those pieces end.</param>
    internal int CountSettled(char* text, int length, out int settled) =>
        checked((int)_counter.Count(text, length, PreTokenizer.OpenFrom(text, length), int.MaxValue, out settled));

    private static void RequireText(string text)
    {
        if (text is null)
            throw new ArgumentNullException(nameof(text));
    }

    internal static void RequireNotNegative(int value, string parameter)
    {
        if (value < 0)
            throw new ArgumentOutOfRangeException(parameter, value, $"{value} tokens are not possible. Pass 0 or more.");
    }

    private int Count(char* text, int length, int limit)
    {
        RequireNotNegative(limit, nameof(limit));
        if (_counter.FewestTokens(length) > limit)
            return limit + 1;

        var count = _counter.Count(text, length, int.MaxValue, limit, out _);
        return count > limit ? checked(limit + 1) : (int)count;
    }

    private List<int> Encode(char* text, int length)
    {
        var ids = new List<int>();
        var merger = _mergers.Rent();
        try
        {
            for (int start = 0, end; start < length; start = end)
            {
                end = _preTokenizer.PieceEnd(text, start, length);
                var count = merger.Merge(text, start, end);
                for (var i = 0; i < count; i++)
                    ids.Add(merger.Ids[i]);
            }
        }
        finally
        {
            _mergers.Return(merger);
        }

        return ids;
    }
}
