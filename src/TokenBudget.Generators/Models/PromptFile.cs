namespace TokenBudget.Generators.Models;

/// <summary>A file of the project that may hold a prompt.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Text">Its text, with <c>\n</c> and without the line ends at its end; null when it cannot be read.</param>
internal sealed record PromptFile(string Path, string? Text);
