using System.Globalization;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Replay;

/// <summary>One thing a replay compares: a policy with its limits.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="MaxTokens">The high mark. An unbounded replay does not keep it; it says against which sliding window that replay is compared.</param>
/// <param name="TrimToTokens">The low mark, which only the economic policy has; 0 is half of the high one.</param>
/// <param name="MaxMessages">The most messages; 0, no limit.</param>
/// <param name="KeptResults">How many of the newest tool results a cut leaves whole; none, all that it sends.</param>
internal sealed record ReplaySetting(ReplayPolicy Policy, long MaxTokens, long TrimToTokens, int MaxMessages, int? KeptResults = null)
{
    /// <summary>The low mark in force.</summary>
    public long LowMark => TrimToTokens == 0 ? Math.Max(1, MaxTokens / 2) : TrimToTokens;

    /// <summary>The policy as it is written on the command line.</summary>
    public string PolicyName => Policy.ToString().ToLowerInvariant();

    /// <summary>The limits as <c>--marks</c> takes them; empty without limits.</summary>
    public string Marks => Policy switch
    {
        ReplayPolicy.Sliding => MaxTokens.ToString(CultureInfo.InvariantCulture),
        ReplayPolicy.Economic => FormattableString.Invariant($"{MaxTokens}:{LowMark}"),
        _ => "",
    };

    /// <summary>The policy with its limits.</summary>
    public string Name => Policy == ReplayPolicy.Unbounded
        ? PolicyName
        : $"{PolicyName} {Marks}"
            + (MaxMessages == 0 ? "" : FormattableString.Invariant($", {MaxMessages} messages"))
            + (KeptResults is { } kept ? FormattableString.Invariant($", {kept} results") : "");

    /// <summary>The sliding window this setting is compared with.</summary>
    public ReplaySetting SlidingPeer => new(ReplayPolicy.Sliding, MaxTokens, 0, MaxMessages);

    /// <summary>The window; none when everything is sent.</summary>
    /// <param name="promptCache">What the provider's prompt cache charges, as a generated agent would tell its window.</param>
    public ContextWindowOptions? ToWindow(PromptCacheTerms? promptCache) => Policy == ReplayPolicy.Unbounded
        ? null
        : new ContextWindowOptions
        {
            MaxTokens = MaxTokens,
            TrimToTokens = TrimToTokens,
            MaxMessages = MaxMessages,
            PromptCache = promptCache,
            ClearToolResults = KeptResults is { } kept ? new ToolResultClearing { KeepNewest = kept } : null,
            Policy = Policy == ReplayPolicy.Sliding ? WindowPolicy.Sliding : WindowPolicy.Economic,
        };
}
