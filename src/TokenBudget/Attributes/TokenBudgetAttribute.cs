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

    /// <summary>The most tokens of one answer; sent to the provider as its output limit.</summary>
    public int MaxOutputTokens { get; set; }

    /// <summary>The most model requests of one call: the bound of the tool loop.</summary>
    public int MaxRounds { get; set; }

    /// <summary>How the context is cut.</summary>
    public WindowPolicy Window { get; set; }
}
