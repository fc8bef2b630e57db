using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>A request as it would be sent to one model: cut to its window, bounded in its output, priced. Nothing is held for it yet.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Terms">What holds for requests to it.</param>
/// <param name="Counter">The model's counter.</param>
/// <param name="Calibration">What makes its counts the provider's, for this conversation.</param>
/// <param name="Options">The caller's options, with model and output limit.</param>
/// <param name="Sent">The messages that fit.</param>
/// <param name="CountedInput">Input tokens by our counter, framing and tools included.</param>
/// <param name="EstimatedInput">What the provider will probably count as input.</param>
/// <param name="WorstInput">The most it will count.</param>
/// <param name="MaxOutputTokens">The most output.</param>
/// <param name="WorstCase">The most it can cost.</param>
internal sealed record FittedRequest(
    string ModelId,
    ModelTerms Terms,
    MessageCounter Counter,
    TokenCalibration Calibration,
    ChatOptions Options,
    SentRequest Sent,
    long CountedInput,
    long EstimatedInput,
    long WorstInput,
    int MaxOutputTokens,
    Usd WorstCase)
{
    /// <summary>The catalogue's entry; none when unknown prices are allowed.</summary>
    public ModelInfo? Model => Terms.Model;
}
