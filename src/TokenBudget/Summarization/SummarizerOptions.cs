namespace TokenBudget.Summarization;

/// <summary>When and how conversations are summarized.</summary>
public sealed record SummarizerOptions
{
    /// <summary>Summarize when more than this many messages are not yet in the summary; the newest half of that number stays as it is. At least 2; 0: not by messages.</summary>
    public int AfterMessages { get; init; } = 20;

    /// <summary>Summarize when the messages that are not yet in the summary have more than this many tokens; the newest half of that number stays as it is. At least 1; 0: not by tokens.</summary>
    public int AfterTokens { get; init; }

    /// <summary>The length asked for, in words. At least 10.</summary>
    public int MaxWords { get; init; } = 200;

    /// <summary>The model that writes the summary; unset, the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>The most tokens one summary is made of: what the model that writes it can be given. Results of tools count as far as they are shown. At least 1; default: no limit.</summary>
    public long MaxCoveredTokens { get; init; } = long.MaxValue;

    internal void Validate()
    {
        if (AfterMessages is < 0 or 1)
            throw new ArgumentOutOfRangeException(nameof(AfterMessages), AfterMessages, "Summaries are made after 2 messages or more, or by tokens alone (0).");
        ArgumentOutOfRangeException.ThrowIfNegative(AfterTokens);
        if (AfterMessages == 0 && AfterTokens == 0)
            throw new ArgumentException("Say when to summarize: AfterMessages, AfterTokens, or both.", nameof(AfterMessages));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWords, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCoveredTokens, 1);
    }
}
