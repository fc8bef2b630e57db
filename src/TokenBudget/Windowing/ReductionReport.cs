namespace TokenBudget.Windowing;

/// <summary>What a window left out, and why.</summary>
public sealed record ReductionReport
{
    /// <summary>Tokens of the whole history with everything that goes with it, in the counter's tokens.</summary>
    public required long TokensBefore { get; init; }

    /// <summary>Tokens of what is sent.</summary>
    public required long TokensAfter { get; init; }

    /// <summary>How many messages the history has.</summary>
    public required int MessagesBefore { get; init; }

    /// <summary>How many messages are sent.</summary>
    public required int MessagesAfter { get; init; }

    /// <summary>Why something is left out.</summary>
    public required ReductionReason Reason { get; init; }

    /// <summary>The index, in the history, of the first message of the unbroken newest part.</summary>
    public required int TailStart { get; init; }

    /// <summary>How many tool results were shortened.</summary>
    public int TruncatedResults { get; init; }

    /// <summary>How many old tool results were sent as a placeholder.</summary>
    public int ClearedResults { get; init; }

    /// <summary>
    /// Tokens of the messages at the beginning that the request before sent alike: what the provider's prompt cache should have of them. 0 for the first request of a
    /// history, and after a pause longer than the cache lives.
    /// </summary>
    public long SharedTokens { get; init; }

    /// <summary>Whether anything was left out or shortened.</summary>
    public bool IsReduced => Reason != ReductionReason.None;
}
