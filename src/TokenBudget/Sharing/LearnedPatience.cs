namespace TokenBudget.Sharing;

/// <summary>
/// How long an answer is waited for, learned from how long answers took as TCP learns when to send again (RFC 6298): their smoothed mean and four times their mean deviation, within bounds. So a store that is
/// slow, or a machine on which many processes start at once, is not taken for one that is away. Used by one thread at a time.
/// </summary>
internal sealed class LearnedPatience
{
    /// <summary>The least, where answers are quick: callers are to have a decision within 300 ms.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    /// <summary>The most, and what the first answer is given: a process that has just started loads and compiles what it asks with, as the store does.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    // A store that is back is to be found within two seconds.
    private static readonly TimeSpan MostWhileAway = TimeSpan.FromMilliseconds(800);

    private TimeSpan? _mean;
    private TimeSpan _deviation;
    private bool _isAway;

    /// <summary>How long to wait for the next answer.</summary>
    public TimeSpan Current { get; private set; } = Most;

    /// <summary>An answer has come.</summary>
    /// <param name="after">After how long.</param>
    public void Answered(TimeSpan after)
    {
        _deviation = _mean is { } known ? ((3 * _deviation) + (known - after).Duration()) / 4 : after / 2;
        _mean = _mean is { } mean ? ((7 * mean) + after) / 8 : after;
        _isAway = false;
        // Answers that were all alike may double before anybody thinks of them.
        Current = Bounded(_mean.Value + TimeSpan.FromTicks(Math.Max(4 * _deviation.Ticks, _mean.Value.Ticks)), Most);
    }

    /// <summary>None has come. Whoever waits has been told; a store that has become slow is found again by waiting longer.</summary>
    public void Missed()
    {
        Current = _isAway ? Bounded(2 * Current, MostWhileAway) : Least;
        _isAway = true;
    }

    private static TimeSpan Bounded(TimeSpan patience, TimeSpan most) => patience < Least ? Least : patience > most ? most : patience;
}
