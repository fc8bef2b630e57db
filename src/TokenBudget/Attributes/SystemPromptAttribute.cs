namespace TokenBudget;

/// <summary>The system message of a method, or of every method of an interface. Constant text, so that the provider can cache it; no placeholders.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class SystemPromptAttribute : Attribute
{
    /// <summary>The message is in a file; say <see cref="File"/>.</summary>
    public SystemPromptAttribute()
    {
    }

    /// <summary>The message is written here.</summary>
    /// <param name="text">The text.</param>
    public SystemPromptAttribute(string text) => Text = text;

    /// <summary>The text; <see langword="null"/> when it is in a file.</summary>
    public string? Text { get; }

    /// <summary>An <c>AdditionalFiles</c> item of the project that holds the text, named as in <see cref="PromptAttribute.File"/>.</summary>
    public string? File { get; set; }
}
