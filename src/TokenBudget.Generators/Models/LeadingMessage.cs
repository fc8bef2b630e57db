using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A message that stands in front of the user's.</summary>
/// <param name="IsAssistant">Whether the model speaks it.</param>
/// <param name="Parts">Its pieces; empty as long as its file has not been read.</param>
/// <param name="File">The file it is in, as long as that has not been read.</param>
internal sealed record LeadingMessage(bool IsAssistant, EquatableArray<PromptPart> Parts, string? File);
