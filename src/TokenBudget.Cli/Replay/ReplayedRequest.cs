using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Cli.Replay;

/// <summary>One request as a policy would have sent it.</summary>
internal sealed record ReplayedRequest
{
    public required ReplaySetting Setting { get; init; }

    public required ReplayedConversation Conversation { get; init; }

    /// <summary>The number of the request in its conversation, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The position of the answer in <see cref="ReplayedConversation.Messages"/>.</summary>
    public required int Answer { get; init; }

    public required SentMessages Sent { get; init; }

    public required TokenUsage Usage { get; init; }

    public required Usd Cost { get; init; }
}
