using Microsoft.Extensions.AI;

namespace TokenBudget.Cli.Replay;

/// <summary>What a request sent of its conversation.</summary>
/// <param name="Positions">Positions in <see cref="ReplayedConversation.Messages"/>, in the order sent.</param>
/// <param name="Shortened">Those of which only a part was sent, with that part.</param>
internal sealed record SentMessages(IReadOnlyList<int> Positions, IReadOnlyList<(int Position, ChatMessage Message)> Shortened);
