namespace TokenBudget;

/// <summary>How a context window is kept within its limit.</summary>
public enum WindowPolicy
{
    /// <summary>
    /// Append until the high-water mark, then cut once to the low-water mark, so that the prompt's prefix stays in the
    /// provider's cache between cuts. The default.
    /// </summary>
    Economic,

    /// <summary>Keep the newest messages that fit, moving the start with every request. Cheap to understand, dear with a prompt cache.</summary>
    Sliding,

    /// <summary>Send everything. A request over the limit is refused.</summary>
    None,
}
