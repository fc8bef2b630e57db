using System.Collections.Concurrent;
using TokenBudget.Counting.Media;
using TokenBudget.Tokenization;

namespace TokenBudget.Counting;

/// <summary>The counter of every model, made at first use; models of one encoding share what is remembered of texts.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ModelCounters
{
    private const string Fallback = "o200k_base";

    // Before anything is learned: Anthropic's and Google's tokenizers make more tokens of the same text than o200k_base.
    private const double AnthropicRatio = 1.2;
    private const double GoogleRatio = 1.1;

    private readonly ConcurrentDictionary<string, TextMemory> _encodings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(TextMemory Texts, MediaFormula Media, double Ratio), MessageCounter> _messages = new();
    private readonly ConcurrentDictionary<string, ModelCounter> _models = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The counter of a model.</summary>
    /// <param name="modelId">The model's id.</param>
    public ModelCounter For(string modelId)
    {
        ArgumentNullException.ThrowIfNull(modelId);
        return _models.TryGetValue(modelId, out var counter) ? counter : _models.GetOrAdd(modelId, Create);
    }

    /// <summary>Uses another tokenizer for a model.</summary>
    /// <param name="modelId">The model's id.</param>
    /// <param name="counter">The tokenizer.</param>
    public void Use(string modelId, TokenCounter counter)
    {
        ArgumentNullException.ThrowIfNull(modelId);
        ArgumentNullException.ThrowIfNull(counter);
        _models[modelId] = new ModelCounter(new MessageCounter(new TextMemory(counter), MediaFormulas.For(modelId), 1), new TokenCalibration(1));
    }

    private ModelCounter Create(string modelId)
    {
        var (encoding, ratio) = Tokenizer.TryForModel(modelId, out var tokenizer)
            ? (tokenizer.EncodingName, 1.0)
            : (Fallback, InitialRatio(modelId));
        var texts = _encodings.GetOrAdd(encoding, static name => new TextMemory(TokenCounter.ForEncoding(name)));
        var messages = _messages.GetOrAdd((texts, MediaFormulas.For(modelId), ratio), static key => new MessageCounter(key.Texts, key.Media, key.Ratio));
        return new ModelCounter(messages, new TokenCalibration(ratio));
    }

    private static double InitialRatio(string modelId) =>
        modelId.Contains("claude", StringComparison.OrdinalIgnoreCase) ? AnthropicRatio
        : modelId.Contains("gemini", StringComparison.OrdinalIgnoreCase) ? GoogleRatio
        : 1;
}
