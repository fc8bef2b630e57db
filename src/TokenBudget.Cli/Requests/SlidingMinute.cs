namespace TokenBudget.Cli.Requests;

/// <summary>The exact sum of the last 60 s at every instant: what happened at t counts from t until just before t + 60 s.</summary>
/// <remarks>
/// The sum changes only when something happens or leaves, so that its largest value is that of the worst of all windows, whatever
/// their edges. Holds one minute. Not thread-safe.
/// </remarks>
/// <param name="limit">The limit to compare with.</param>
/// <param name="onChange">Told each new sum with its instant; for a plot.</param>
internal sealed class SlidingMinute(long limit, Action<long, long>? onChange = null)
{
    private readonly Queue<(long Instant, long Amount)> _events = new();
    private long _since;

    public long Sum { get; private set; }

    /// <summary>The largest sum there was.</summary>
    public long Worst { get; private set; }

    /// <summary>How long the sum was larger than the limit, in ticks.</summary>
    public long TicksOver { get; private set; }

    /// <summary>Adds what happens at an instant, which is not before the last one.</summary>
    public void Add(long instant, long amount)
    {
        MoveTo(instant);
        if (amount == 0)
            return;
        _events.Enqueue((instant, amount));
        Change(instant, amount);
        Worst = Math.Max(Worst, Sum);
    }

    /// <summary>Lets go what is a minute old by an instant.</summary>
    public void MoveTo(long instant)
    {
        while (_events.TryPeek(out var oldest) && oldest.Instant + TimeSpan.TicksPerMinute <= instant)
        {
            _events.Dequeue();
            Change(oldest.Instant + TimeSpan.TicksPerMinute, -oldest.Amount);
        }
    }

    private void Change(long instant, long by)
    {
        if (Sum > limit)
            TicksOver += instant - _since;
        Sum += by;
        _since = instant;
        onChange?.Invoke(instant, Sum);
    }
}
