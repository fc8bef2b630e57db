namespace TokenBudget;

/// <summary>Replaces old turns of a conversation by a rolling summary, made by a cheap model after the reply, off the caller's path.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class SummarizedAttribute : Attribute
{
    /// <summary>Summarize when more than this many messages are not yet in the summary. Zero: the configured default (20), unless <see cref="AfterTokens"/> is given.</summary>
    public int AfterMessages { get; set; }

    /// <summary>Summarize when the messages that are not yet in the summary have more than this many tokens; with <see cref="AfterMessages"/>, whichever comes first. Zero: not by tokens.</summary>
    public int AfterTokens { get; set; }

    /// <summary>The length asked for, in words. Zero: 200.</summary>
    public int MaxWords { get; set; }

    /// <summary>The model that writes the summary. Unset: the agent's own.</summary>
    public string? Model { get; set; }
}
