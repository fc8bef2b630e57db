namespace TokenBudget.Summarization;

/// <summary>When and how conversations are summarized.</summary>
public sealed record SummarizerOptions
{
    /// <summary>Summarize when more than this many messages are not yet in the summary; the newest half of them stays as it is. At least 2.</summary>
    public int AfterMessages { get; init; } = 20;

    /// <summary>The length asked for, in words. At least 10.</summary>
    public int MaxWords { get; init; } = 200;

    /// <summary>The model that writes the summary; unset, the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>The most tokens one summary is made of: what the model that writes it can be given. Results of tools count as far as they are shown. At least 1; default: no limit.</summary>
    public long MaxCoveredTokens { get; init; } = long.MaxValue;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AfterMessages, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWords, 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCoveredTokens, 1);
    }
}
