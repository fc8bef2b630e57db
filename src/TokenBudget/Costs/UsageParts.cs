namespace TokenBudget.Costs;

/// <summary>Makes disjoint buckets of the two ways providers report cached input: inside all input, or beside the fresh one.</summary>
internal static class UsageParts
{
    // No request is near this; sums and prices of what claims to be more would leave the range of their numbers.
    private const long MostTokens = 1_000_000_000;

    public static long Bound(long count) => Math.Clamp(count, 0, MostTokens);

    /// <summary>Input reported without what was read from and written to the prompt cache.</summary>
    /// <param name="fresh">Input without cache; <see langword="null"/>, not reported.</param>
    /// <param name="read">Read from the cache.</param>
    /// <param name="write">All that was written to the cache.</param>
    /// <param name="write1Hour">The part of <paramref name="write"/> that is kept for an hour.</param>
    /// <param name="output">All output; <see langword="null"/>, not reported.</param>
    /// <param name="reasoning">The part of <paramref name="output"/> that is reasoning.</param>
    public static TokenUsage? BesideCache(long? fresh, long read, long write, long write1Hour, long? output, long reasoning)
    {
        if (fresh is null && output is null)
            return null;
        write1Hour = Math.Min(write1Hour, write);
        reasoning = Math.Min(reasoning, output ?? 0);
        return new TokenUsage
        {
            FreshInput = fresh ?? 0,
            CacheRead = read,
            CacheWrite5Minutes = write - write1Hour,
            CacheWrite1Hour = write1Hour,
            Output = (output ?? 0) - reasoning,
            Reasoning = reasoning,
        };
    }

    /// <summary>Input reported with what was read from and written to the prompt cache. Contradictions show that it was not, or that reasoning stands beside the output.</summary>
    /// <param name="input">All input; <see langword="null"/>, not reported.</param>
    /// <param name="read">The part of <paramref name="input"/> read from the cache.</param>
    /// <param name="write">The part of <paramref name="input"/> written to the cache.</param>
    /// <param name="write1Hour">The part of <paramref name="write"/> that is kept for an hour.</param>
    /// <param name="output">All output; <see langword="null"/>, not reported.</param>
    /// <param name="reasoning">Reasoning: a part of <paramref name="output"/>, or beside it.</param>
    /// <param name="total">The provider's own sum, if it gave one; it tells which of the two reasoning is.</param>
    public static TokenUsage? WithCache(long? input, long read, long write, long write1Hour, long? output, long reasoning, long? total)
    {
        var cached = read + write;
        var isBesideOutput = reasoning > (output ?? 0) || (reasoning > 0 && total >= (input ?? 0) + (output ?? 0) + reasoning);
        return BesideCache(
            input is { } all && cached <= all ? all - cached : input,
            read,
            write,
            write1Hour,
            isBesideOutput && output is not null ? output + reasoning : output,
            reasoning);
    }

    /// <summary>Tells audio apart, which some providers bill at rates of its own.</summary>
    /// <param name="usage">Usage with its audio among the rest.</param>
    /// <param name="input">All input that is audio.</param>
    /// <param name="cached">The part of <paramref name="input"/> that was read from the cache, as far as it is told.</param>
    /// <param name="output">Output that is audio.</param>
    public static TokenUsage? WithAudio(TokenUsage? usage, long input, long cached, long output)
    {
        if (usage is not { } parts || (input <= 0 && output <= 0))
            return usage;
        // What does not fit into the fresh input was read from the cache, told or not.
        cached = Math.Min(Math.Min(Math.Max(cached, input - parts.FreshInput), input), parts.CacheRead);
        var fresh = Math.Min(input - cached, parts.FreshInput);
        output = Math.Min(output, parts.Output);
        return parts with
        {
            FreshInput = parts.FreshInput - fresh,
            CacheRead = parts.CacheRead - cached,
            AudioInput = fresh,
            AudioCacheRead = cached,
            Output = parts.Output - output,
            AudioOutput = output,
        };
    }
}
