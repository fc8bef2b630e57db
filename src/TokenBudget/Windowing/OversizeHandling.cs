namespace TokenBudget.Windowing;

/// <summary>What happens to messages that must be sent and alone are over the limit.</summary>
public enum OversizeHandling
{
    /// <summary>Tool results are shortened, with a marker that says by how much; anything else is refused. The default.</summary>
    TruncateToolResults,

    /// <summary>The request is refused with a <see cref="ContextOverflowException"/>.</summary>
    Reject,
}
