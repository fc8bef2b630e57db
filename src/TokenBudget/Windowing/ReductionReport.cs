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

    /// <summary>Whether anything was left out or shortened.</summary>
    public bool IsReduced => Reason != ReductionReason.None;
}
