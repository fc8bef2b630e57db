namespace TokenBudget.Windowing;

/// <summary>
/// Old tool results give way to a short note, so that a cut reaches further back: calls, their arguments and what was said stay. With any
/// <see cref="WindowPolicy"/>, and only where the window would cut anyway, so that the provider's prompt cache is never broken for it alone.
/// </summary>
public sealed record ToolResultClearing
{
    /// <summary>The newest tool results that stay whole; those of one message of calls stay or go together. At least 0; 3 unless told, as with Anthropic's <c>clear_tool_uses</c>.</summary>
    public int KeepNewest { get; init; } = 3;

    /// <summary>Tools whose results always stay: what cannot be called again, or is referred to for long. Exact names.</summary>
    public IReadOnlyCollection<string> ExcludedTools { get; init; } = [];

    /// <summary>What stands in a cleared result's place.</summary>
    public string Placeholder { get; init; } = "[Old tool result left out to save context. Call the tool again if it is needed.]";

    internal void Validate()
    {
        if (KeepNewest < 0)
            throw new ArgumentOutOfRangeException(nameof(KeepNewest), KeepNewest, "The number of tool results that stay is at least 0.");
        if (string.IsNullOrWhiteSpace(Placeholder))
            throw new ArgumentException("A cleared tool result needs a text in its place: providers refuse empty ones.", nameof(Placeholder));
    }
}
