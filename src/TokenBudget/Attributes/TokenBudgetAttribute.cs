namespace TokenBudget;

/// <summary>Bounds what one model request may carry and what one call may do. Method over interface over assembly; zero means "not said here".</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface | AttributeTargets.Assembly)]
public sealed class TokenBudgetAttribute : Attribute
{
    /// <summary>The most tokens of one request: messages, instructions, tool schemas and the reserve for the answer. The high-water mark.</summary>
    public int MaxContextTokens { get; set; }

    /// <summary>What a cut leaves, in tokens: the low-water mark. Zero: half of <see cref="MaxContextTokens"/>.</summary>
    public int TrimToTokens { get; set; }

    /// <summary>The most messages of one request, system messages not counted.</summary>
    public int MaxMessages { get; set; }

    /// <summary>How much older than the newest message a message may be, in minutes, where messages say when they were made.</summary>
    public int MaxAgeMinutes { get; set; }

    /// <summary>Where the window cuts, tool results but this many of the newest give way to a placeholder, before anything is left out. Zero: they stay.</summary>
    public int KeepToolResults { get; set; }

    /// <summary>With <see cref="KeepToolResults"/>: tools whose results always stay, with commas between.</summary>
    public string? KeepResultsOf { get; set; }

    /// <summary>The most tokens of one answer; sent to the provider as its output limit.</summary>
    public int MaxOutputTokens { get; set; }

    /// <summary>The most model requests of one call: the bound of the tool loop.</summary>
    public int MaxRounds { get; set; }

    /// <summary>How the context is cut.</summary>
    public WindowPolicy Window { get; set; }
}
