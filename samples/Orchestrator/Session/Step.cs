namespace Orchestrator.Session;

/// <summary>One thing that happens in the session.</summary>
internal abstract record Step;

/// <summary>The user gives the agent a step to work on.</summary>
/// <param name="Text">What the user writes.</param>
internal sealed record WorkStep(string Text) : Step;

/// <summary>The user asks for a report; streamed where the client can.</summary>
/// <param name="Text">What the user writes.</param>
internal sealed record ReportStep(string Text) : Step;

/// <summary>One ticket comes in.</summary>
/// <param name="Ticket">Its text.</param>
/// <param name="IsRepeated">Whether the same ticket was classified before.</param>
internal sealed record ClassifyStep(string Ticket, bool IsRepeated) : Step;

/// <summary>Many tickets come in at once.</summary>
/// <param name="Tickets">Their texts.</param>
internal sealed record BurstStep(IReadOnlyList<string> Tickets) : Step;

/// <summary>Nobody asks anything, longer than the provider keeps its prompt cache.</summary>
/// <param name="Length">How long.</param>
internal sealed record PauseStep(TimeSpan Length) : Step;
