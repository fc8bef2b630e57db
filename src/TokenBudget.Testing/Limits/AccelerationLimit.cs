namespace TokenBudget.Testing;

/// <summary>Refuses a sharp rise: the tokens of the last minute against those of the minute before.</summary>
/// <remarks>Not thread-safe: the simulator's lock guards it.</remarks>
internal sealed class AccelerationLimit(SimulatedAcceleration rule, bool isWorkspace)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly List<(DateTimeOffset At, long Tokens)> _admitted = [];

    public SimulatedAcceleration Rule => rule;

    public RateLimitRefusal? Refuse(long tokens, DateTimeOffset now)
    {
        _admitted.RemoveAll(entry => now - entry.At >= 2 * Minute);
        if (Fits(tokens, now))
            return null;

        // The first whole second at which it would pass if nothing else came.
        var wait = Enumerable.Range(1, 120).FirstOrDefault(seconds => Fits(tokens, now + TimeSpan.FromSeconds(seconds)), 60);
        return new RateLimitRefusal
        {
            Unit = LimitUnit.Tokens,
            IsWorkspace = isWorkspace,
            IsAcceleration = true,
            Limit = Allowed(now),
            Used = Sum(now - Minute, now),
            Requested = tokens,
            Wait = TimeSpan.FromSeconds(wait),
        };
    }

    public void Admit(long tokens, DateTimeOffset now) => _admitted.Add((now, tokens));

    private bool Fits(long tokens, DateTimeOffset now) => Sum(now - Minute, now) + tokens <= Allowed(now);

    private long Allowed(DateTimeOffset now) => Math.Max(rule.FreeTokens, (long)(rule.MaxGrowth * Sum(now - (2 * Minute), now - Minute)));

    // After the first bound, up to and with the second.
    private long Sum(DateTimeOffset after, DateTimeOffset to) => _admitted.Where(entry => entry.At > after && entry.At <= to).Sum(entry => entry.Tokens);
}
