using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>What to send, and what was left out to get there.</summary>
/// <param name="Messages">The messages to send: objects of the history, except tool results that were shortened. When nothing is left out, the history itself.</param>
/// <param name="Report">What was left out, and why.</param>
public sealed record ContextReduction(IReadOnlyList<ChatMessage> Messages, ReductionReport Report);
