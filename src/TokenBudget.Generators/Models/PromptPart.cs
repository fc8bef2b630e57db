namespace TokenBudget.Generators.Models;

/// <summary>A piece of a prompt: constant text or a parameter's place.</summary>
/// <param name="IsValue">Whether it is a parameter.</param>
/// <param name="Text">The text, or the parameter's name.</param>
/// <param name="Format">The parameter's format, or null.</param>
internal readonly record struct PromptPart(bool IsValue, string Text, string? Format = null);
