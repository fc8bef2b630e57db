using Microsoft.Extensions.AI;
using TokenBudget.Costs;

namespace TokenBudget.Calls;

/// <summary>What a caller asks for.</summary>
/// <param name="Messages">The messages; never changed.</param>
/// <param name="Options">The options; never changed.</param>
/// <param name="Tenant">For whom.</param>
/// <param name="Within">The call it is part of, if that one is budgeted too.</param>
/// <param name="Ceiling">What the call it is part of may cost, if that is limited.</param>
/// <param name="Report">Where the call adds up what it uses, if somebody wants to know.</param>
internal readonly record struct ChatRequest(
    IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, string? Tenant, EnclosingCall? Within, CallCeiling? Ceiling, CallReport? Report = null);
