namespace TokenBudget;

/// <summary>The user message of a method. <c>{name}</c> is replaced by the parameter of that name, as data; <c>{{</c> and <c>}}</c> are braces.</summary>
/// <remarks>
/// Several make several messages, in the order they are written. The last is the user's; those before it are examples of how to answer, or what the
/// question is about: they stand in front of a conversation, are sent with every call, never cut and never made part of the conversation.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class PromptAttribute : Attribute
{
    /// <summary>The message is in a file; say <see cref="File"/>.</summary>
    public PromptAttribute()
    {
    }

    /// <summary>The message is written here.</summary>
    /// <param name="template">The text, for example <c>"Classify this ticket:\n{ticket}"</c>.</param>
    public PromptAttribute(string template) => Template = template;

    /// <summary>The text with its placeholders; <see langword="null"/> when it is in a file.</summary>
    public string? Template { get; }

    /// <summary>
    /// An <c>AdditionalFiles</c> item of the project that holds the text, for example <c>"Prompts/classify.md"</c>: its path, or as much of its end as
    /// tells it from the others. Read at build time; line ends become <c>\n</c>, and those at the end of the file are left out.
    /// </summary>
    public string? File { get; set; }

    /// <summary>Who speaks it; the last one must be the user's.</summary>
    public PromptRole Role { get; set; }
}
