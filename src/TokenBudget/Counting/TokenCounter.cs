using TokenBudget.Tokenization;

namespace TokenBudget.Counting;

/// <summary>Counts the tokens of one text.</summary>
/// <remarks>Implementations are thread-safe and give the same count for the same text for ever.</remarks>
public abstract class TokenCounter
{
    /// <summary>Counts tokens.</summary>
    /// <param name="text">Any text, lone surrogates and names of special tokens included: all of it is ordinary text.</param>
    public abstract int CountTokens(string text);

    /// <summary>The exact counter of a published encoding.</summary>
    /// <param name="encodingName"><c>o200k_base</c> or <c>cl100k_base</c>.</param>
    /// <exception cref="ArgumentException">There is no such encoding.</exception>
    public static TokenCounter ForEncoding(string encodingName) => new EncodingCounter(Tokenizer.ForEncoding(encodingName));

    /// <summary>Adapts any other tokenizer, Microsoft.ML.Tokenizers first.</summary>
    /// <example>
    /// <code>
    /// var tokenizer = BpeTokenizer.Create("vocab.json", "merges.txt"); // Microsoft.ML.Tokenizers
    /// runtime.Counters.Use("our-model", TokenCounter.Create(text => tokenizer.CountTokens(text)));
    /// </code>
    /// </example>
    /// <param name="count">Counts one text; thread-safe, and the same for the same text for ever, since counts are remembered.</param>
    /// <returns>A counter that passes on what <paramref name="count"/> throws.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="count"/> is null.</exception>
    public static TokenCounter Create(Func<string, int> count)
    {
        ArgumentNullException.ThrowIfNull(count);
        return new DelegateCounter(count);
    }

    private sealed class EncodingCounter(Tokenizer tokenizer) : TokenCounter
    {
        public override int CountTokens(string text) => tokenizer.CountTokens(text);
    }

    private sealed class DelegateCounter(Func<string, int> count) : TokenCounter
    {
        public override int CountTokens(string text) => count(text);
    }
}
