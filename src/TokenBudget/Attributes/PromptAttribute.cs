namespace TokenBudget;

/// <summary>The user message of a method. <c>{name}</c> is replaced by the parameter of that name, as data; <c>{{</c> and <c>}}</c> are braces.</summary>
/// <param name="template">The text, for example <c>"Classify this ticket:\n{ticket}"</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromptAttribute(string template) : Attribute
{
    /// <summary>The text with its placeholders.</summary>
    public string Template { get; } = template;
}
