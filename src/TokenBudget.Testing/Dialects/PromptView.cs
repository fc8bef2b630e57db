using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>The content of a request in words that both dialects share.</summary>
internal sealed record PromptView(string System, IReadOnlyList<SimulatedMessage> Messages, IReadOnlyList<string> Tools, JsonElement? ResponseFormat = null);
