namespace TokenBudget;

/// <summary>The system message of a method, or of every method of an interface. Constant text, so that the provider can cache it; no placeholders.</summary>
/// <param name="text">The text.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class SystemPromptAttribute(string text) : Attribute
{
    /// <summary>The text.</summary>
    public string Text { get; } = text;
}
