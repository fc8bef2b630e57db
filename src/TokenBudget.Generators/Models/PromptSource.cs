namespace TokenBudget.Generators.Models;

/// <summary>Where a prompt is written.</summary>
/// <param name="Text">The text; null when it is in a file.</param>
/// <param name="File">The file's name; null when the text is in the code.</param>
/// <param name="IsAssistant">Whether the model speaks it.</param>
internal readonly record struct PromptSource(string? Text, string? File, bool IsAssistant = false);
