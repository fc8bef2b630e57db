using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Counting;

/// <summary>One recorded request: what we count of it, and what the provider reported.</summary>
/// <param name="Agent">Who asked: requests of one agent carry the same tools and system texts unseen.</param>
/// <param name="Messages">All its messages.</param>
/// <param name="Counted">Input by our counter.</param>
/// <param name="Reported">Input as reported, cache reads and writes included.</param>
internal sealed record RecordedCall(string Agent, IReadOnlyList<ChatMessage> Messages, long Counted, long Reported);
