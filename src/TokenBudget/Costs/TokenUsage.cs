using Microsoft.Extensions.AI;

namespace TokenBudget.Costs;

/// <summary>What one model request used, in disjoint buckets: every token is in exactly one of them, whatever way the provider reports it.</summary>
public readonly record struct TokenUsage
{
    /// <summary>Input tokens billed at the plain rate.</summary>
    public long FreshInput { get; init; }

    /// <summary>Input tokens read from the provider's prompt cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache for five minutes.</summary>
    public long CacheWrite5Minutes { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache for an hour.</summary>
    public long CacheWrite1Hour { get; init; }

    /// <summary>Audio in the input, billed at a rate of its own; what of it was read from the provider's prompt cache not included.</summary>
    public long AudioInput { get; init; }

    /// <summary>Audio read from the provider's prompt cache.</summary>
    public long AudioCacheRead { get; init; }

    /// <summary>Output tokens; reasoning and audio not included.</summary>
    public long Output { get; init; }

    /// <summary>Reasoning tokens.</summary>
    public long Reasoning { get; init; }

    /// <summary>Audio in the output.</summary>
    public long AudioOutput { get; init; }

    /// <summary>All input.</summary>
    public long TotalInput => FreshInput + CacheWrite5Minutes + CacheWrite1Hour + AudioInput + TotalCacheRead;

    /// <summary>All input read from the provider's prompt cache.</summary>
    public long TotalCacheRead => CacheRead + AudioCacheRead;

    /// <summary>All output.</summary>
    public long TotalOutput => Output + Reasoning + AudioOutput;

    /// <summary>Everything.</summary>
    public long Total => TotalInput + TotalOutput;

    /// <summary>Adds bucket by bucket.</summary>
    public static TokenUsage operator +(TokenUsage left, TokenUsage right) => new()
    {
        FreshInput = left.FreshInput + right.FreshInput,
        CacheRead = left.CacheRead + right.CacheRead,
        CacheWrite5Minutes = left.CacheWrite5Minutes + right.CacheWrite5Minutes,
        CacheWrite1Hour = left.CacheWrite1Hour + right.CacheWrite1Hour,
        AudioInput = left.AudioInput + right.AudioInput,
        AudioCacheRead = left.AudioCacheRead + right.AudioCacheRead,
        Output = left.Output + right.Output,
        Reasoning = left.Reasoning + right.Reasoning,
        AudioOutput = left.AudioOutput + right.AudioOutput,
    };

    /// <summary>
    /// Takes the usage of a chat response apart. <see cref="UsageDetails.InputTokenCount"/> is all input, cache reads and
    /// writes included, as the official Anthropic and OpenAI adapters report it; cache writes are in
    /// <see cref="UsageDetails.AdditionalCounts"/> as <c>CacheCreationInputTokens</c>, those kept for an hour besides as
    /// <c>Ephemeral1hInputTokens</c> where the adapter tells them apart; the provider's own spellings are read, too. Google's adapter reports reasoning beside the
    /// output and tool results beside the input (<c>ToolUsePromptTokenCount</c>); the total it gives tells that. Audio is in
    /// <c>InputAudioTokenCount</c> and <c>OutputAudioTokenCount</c>, or in additional counts of older adapters.
    /// </summary>
    /// <param name="usage">What the provider reported, or <see langword="null"/>.</param>
    /// <returns>The buckets, or <see langword="null"/> when the provider reported neither input nor output. Negative counts are taken as zero, absurd ones as a billion.</returns>
    public static TokenUsage? From(UsageDetails? usage)
    {
        if (usage is null)
            return null;
        var (tools, write, write5Minutes, write1Hour) = (0L, 0L, 0L, 0L);
#pragma warning disable MEAI001 // Experimental members count like all others.
        var (heard, spoken) = (usage.InputAudioTokenCount ?? 0, usage.OutputAudioTokenCount ?? 0);
#pragma warning restore MEAI001
        if (usage.AdditionalCounts is { } counts)
        {
            foreach (var (name, count) in counts)
            {
                switch (name)
                {
                    case "ToolUsePromptTokenCount":
                        tools = UsageParts.Bound(count);
                        break;
                    case "InputTokenDetails.AudioTokenCount":
                        heard = Math.Max(heard, count);
                        break;
                    case "OutputTokenDetails.AudioTokenCount":
                        spoken = Math.Max(spoken, count);
                        break;
                    case "CacheCreationInputTokens" or "cache_creation_input_tokens":
                        write = UsageParts.Bound(count);
                        break;
                    case "Ephemeral5mInputTokens" or "ephemeral_5m_input_tokens" or "cache_creation.ephemeral_5m_input_tokens":
                        write5Minutes = UsageParts.Bound(count);
                        break;
                    case "Ephemeral1hInputTokens" or "ephemeral_1h_input_tokens" or "cache_creation.ephemeral_1h_input_tokens":
                        write1Hour = UsageParts.Bound(count);
                        break;
                }
            }
        }

        var parts = UsageParts.WithCache(
            usage.InputTokenCount is { } input ? UsageParts.Bound(input) + tools : null,
            UsageParts.Bound(usage.CachedInputTokenCount ?? 0),
            Math.Max(write, write5Minutes + write1Hour),
            write1Hour,
            usage.OutputTokenCount is { } output ? UsageParts.Bound(output) : null,
            UsageParts.Bound(usage.ReasoningTokenCount ?? 0),
            usage.TotalTokenCount);
        return UsageParts.WithAudio(parts, UsageParts.Bound(heard), cached: 0, UsageParts.Bound(spoken));
    }
}
