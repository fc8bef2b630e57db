using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Cli.Replay;

/// <summary>What all replayed requests of one policy came to.</summary>
internal sealed record ReplayTotals
{
    public required ReplayPolicy Policy { get; init; }

    /// <summary>Requests that were sent.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that the policy refused, because what must be sent does not fit; in no other figure.</summary>
    public long Refused { get; init; }

    public TokenUsage Usage { get; init; }

    public Usd Cost { get; init; }

    /// <summary>What the same requests cost with everything sent.</summary>
    public Usd UnboundedCost { get; init; }

    /// <summary>The most input tokens of one request.</summary>
    public long LargestRequest { get; init; }

    /// <summary>Requests larger than the model takes: priced, though the provider would refuse them.</summary>
    public long TooLarge { get; init; }

    public Usd Saved => UnboundedCost - Cost;

    /// <summary>Negative: the policy is dearer than none.</summary>
    public decimal SavedPercent => UnboundedCost == Usd.Zero ? 0 : decimal.Round(100 * Saved.Dollars / UnboundedCost.Dollars, 1);

    public ReplayTotals With(TokenUsage usage, Usd cost, Usd unboundedCost, bool tooLarge) => this with
    {
        Requests = Requests + 1,
        Usage = Usage + usage,
        Cost = Cost + cost,
        UnboundedCost = UnboundedCost + unboundedCost,
        TooLarge = TooLarge + (tooLarge ? 1 : 0),
        LargestRequest = Math.Max(LargestRequest, usage.TotalInput),
    };
}
