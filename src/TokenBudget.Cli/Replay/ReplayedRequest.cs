using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Windowing;

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

    /// <summary>What the window says of it; none when there is no window.</summary>
    public required ReductionReport? Report { get; init; }

    public required TokenUsage Usage { get; init; }

    /// <summary>What the window expected to be read from the cache.</summary>
    public required long PredictedCacheRead { get; init; }

    public required Usd Cost { get; init; }

    /// <summary>What it would have used, had it not been answered from the response cache; none when it was sent.</summary>
    public TokenUsage? AvoidedUsage { get; init; }

    /// <summary>What that would have cost.</summary>
    public Usd AvoidedCost { get; init; }
}
