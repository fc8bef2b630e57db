using System.Globalization;

namespace TokenBudget.Windowing;

/// <summary>The limits of a context window.</summary>
public sealed record ContextWindowOptions
{
    /// <summary>High-water mark: the most tokens of a request. At least 1.</summary>
    public required long MaxTokens { get; init; }

    /// <summary>Low-water mark: what a cut leaves, in tokens. 0: half of <see cref="MaxTokens"/>.</summary>
    public long TrimToTokens { get; init; }

    /// <summary>The most messages of a request, system messages not counted; a cut leaves half, but a part that must stay together (a tool call with all its results) stays whole. 0: no limit.</summary>
    public int MaxMessages { get; init; }

    /// <summary>
    /// How much older than the newest message a message may be (<see cref="Microsoft.Extensions.AI.ChatMessage.CreatedAt"/>; without one, as old as what precedes it); <see cref="WindowPolicy.Economic"/> cuts to
    /// half. The user message that began the newest turn stays, however old. Zero: no limit.
    /// </summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether old tool results give way to a placeholder before anything is left out. Unset: they stay as long as their calls.</summary>
    public ToolResultClearing? ClearToolResults { get; init; }

    /// <summary>How the context is cut.</summary>
    public WindowPolicy Policy { get; init; }

    /// <summary>
    /// What the prompt cache charges. With it, <see cref="WindowPolicy.Economic"/> also cuts before the high-water mark where that is cheaper, and when the
    /// cache has gone cold. Unset: it cuts at the high-water mark alone.
    /// </summary>
    public PromptCacheTerms? PromptCache { get; init; }

    /// <summary>What happens to a newest part that alone is over the limit.</summary>
    public OversizeHandling Oversize { get; init; }

    /// <summary>The low-water mark; where what every request carries fills half of it, a cut leaves the history at least a quarter of its room.</summary>
    internal long LowMark => TrimToTokens == 0 ? Math.Max(1, MaxTokens / 2) : TrimToTokens;

    /// <summary>Throws when the limits contradict each other.</summary>
    internal void Validate()
    {
        if (MaxTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, "A context window holds at least 1 token.");
        if (TrimToTokens < 0 || TrimToTokens > MaxTokens)
            throw new ArgumentOutOfRangeException(
                nameof(TrimToTokens),
                TrimToTokens,
                string.Create(CultureInfo.InvariantCulture, $"The low-water mark lies between 0 (half) and MaxTokens ({MaxTokens})."));
        if (MaxMessages < 0)
            throw new ArgumentOutOfRangeException(nameof(MaxMessages), MaxMessages, "Use 0 for no limit on messages.");
        if (MaxAge < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(MaxAge), MaxAge, "Use zero for no limit on age.");
        ClearToolResults?.Validate();
    }
}
