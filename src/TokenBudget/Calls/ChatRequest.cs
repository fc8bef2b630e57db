using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>What a caller asks for.</summary>
/// <param name="Messages">The messages; never changed.</param>
/// <param name="Options">The options; never changed.</param>
/// <param name="Tenant">For whom.</param>
internal readonly record struct ChatRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, string? Tenant);
