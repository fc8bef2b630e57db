namespace TokenBudget;

/// <summary>Bounds one parameter: a longer value is refused with a <see cref="ContextOverflowException"/> before anything is sent.</summary>
/// <param name="tokens">The most tokens of the value; at least 1.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class MaxTokensAttribute(int tokens) : Attribute
{
    /// <summary>The most tokens of the value.</summary>
    public int Tokens { get; } = tokens;
}
