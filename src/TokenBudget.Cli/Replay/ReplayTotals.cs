using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Cli.Replay;

/// <summary>What all replayed requests of one setting came to.</summary>
internal sealed record ReplayTotals
{
    public required ReplaySetting Setting { get; init; }

    /// <summary>Requests that were sent or answered from the response cache.</summary>
    public long Requests { get; init; }

    /// <summary>Those answered from the response cache: they used and cost nothing.</summary>
    public long CacheHits { get; init; }

    /// <summary>What these would have used.</summary>
    public TokenUsage AvoidedUsage { get; init; }

    /// <summary>What these would have cost.</summary>
    public Usd AvoidedCost { get; init; }

    /// <summary>Requests that the policy refused, because what must be sent does not fit; in no other figure.</summary>
    public long Refused { get; init; }

    /// <summary>Requests in which tool results were sent shortened, because one message alone was larger than the limit.</summary>
    public long Shortened { get; init; }

    /// <summary>Requests in which old tool results were sent as a placeholder.</summary>
    public long Cleared { get; init; }

    public TokenUsage Usage { get; init; }

    /// <summary>What the windows expected to be read from the cache, of <see cref="Usage"/>.</summary>
    public long PredictedCacheRead { get; init; }

    public Usd Cost { get; init; }

    /// <summary>What the same requests cost with everything sent.</summary>
    public Usd UnboundedCost { get; init; }

    /// <summary>What the same requests cost with a sliding window of the same limit.</summary>
    public Usd SlidingCost { get; init; }

    /// <summary>Identifiers that answers used and that had occurred before.</summary>
    public long ReferencesUsed { get; init; }

    /// <summary>Those of them that were sent.</summary>
    public long ReferencesSent { get; init; }

    /// <summary>The most input tokens of one request.</summary>
    public long LargestRequest { get; init; }

    /// <summary>Requests larger than the model takes: priced, though the provider would refuse them.</summary>
    public long TooLarge { get; init; }

    /// <summary>The share of identifiers that was sent, over all answers together: an answer that uses many counts for as many.</summary>
    public double Recall => ReferencesUsed == 0 ? 1 : (double)ReferencesSent / ReferencesUsed;

    /// <summary>The share of requests answered from the response cache, in percent.</summary>
    public decimal HitPercent => Requests == 0 ? 0 : decimal.Round(100m * CacheHits / Requests, 1);

    /// <summary>The share of the cost without a response cache that was avoided.</summary>
    public decimal AvoidedPercent => Percent(AvoidedCost, AvoidedCost + Cost);

    public Usd Saved => UnboundedCost - Cost;

    /// <summary>Negative: the policy is dearer than none.</summary>
    public decimal SavedPercent => Percent(Saved, UnboundedCost);

    public Usd SavedAgainstSliding => SlidingCost - Cost;

    public decimal SavedAgainstSlidingPercent => Percent(SavedAgainstSliding, SlidingCost);

    /// <param name="request">The request.</param>
    /// <param name="references">What its answer used of what occurred, and what of that was sent.</param>
    /// <param name="unbounded">What it costs with everything sent.</param>
    /// <param name="sliding">What it costs with a sliding window.</param>
    /// <param name="tooLarge">Whether it is larger than the model takes.</param>
    public ReplayTotals With(ReplayedRequest request, (int Used, int Found) references, Usd unbounded, Usd sliding, bool tooLarge) => this with
    {
        Requests = Requests + 1,
        CacheHits = CacheHits + (request.AvoidedUsage is null ? 0 : 1),
        AvoidedUsage = AvoidedUsage + (request.AvoidedUsage ?? default),
        AvoidedCost = AvoidedCost + request.AvoidedCost,
        Shortened = Shortened + (request.Report?.TruncatedResults > 0 ? 1 : 0),
        Cleared = Cleared + (request.Report?.ClearedResults > 0 ? 1 : 0),
        Usage = Usage + request.Usage,
        PredictedCacheRead = PredictedCacheRead + request.PredictedCacheRead,
        Cost = Cost + request.Cost,
        UnboundedCost = UnboundedCost + unbounded,
        SlidingCost = SlidingCost + sliding,
        ReferencesUsed = ReferencesUsed + references.Used,
        ReferencesSent = ReferencesSent + references.Found,
        TooLarge = TooLarge + (tooLarge ? 1 : 0),
        LargestRequest = Math.Max(LargestRequest, request.Usage.TotalInput),
    };

    private static decimal Percent(Usd saved, Usd whole) => whole == Usd.Zero ? 0 : decimal.Round(100 * saved.Dollars / whole.Dollars, 1);
}
