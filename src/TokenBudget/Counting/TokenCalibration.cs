namespace TokenBudget.Counting;

/// <summary>
/// Learns how many tokens a model really counts for each of ours. Providers without a public tokenizer (Anthropic, Google) are
/// counted with o200k_base and corrected by this ratio; for others it absorbs what framing guesses miss.
/// </summary>
/// <remarks>
/// Thread-safe. The ratio is the median of the last 31 requests of at least 200 tokens, kept within 0.7 to 2.5 so that one lying
/// report cannot unhinge it, and moves only when the median has left it by more than 3 %: a window's cuts depend on it, and a
/// cut that moves costs the provider's prompt cache.
/// </remarks>
public sealed class TokenCalibration
{
    private const int Remembered = 31;
    private const int SmallestSample = 200;
    private const int SamplesNeeded = 3;
    private const double Lowest = 0.7;
    private const double Highest = 2.5;
    private const double DeadBand = 0.03;

    private readonly Lock _gate = new();
    private readonly double[] _samples = new double[Remembered];
    private int _count;
    private double _ratio;

    /// <summary>Starts from a known ratio.</summary>
    /// <param name="initialRatio">Provider tokens per token of ours, 0.7 to 2.5.</param>
    public TokenCalibration(double initialRatio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialRatio, Lowest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialRatio, Highest);
        _ratio = initialRatio;
    }

    /// <summary>Provider tokens per token of ours.</summary>
    public double Ratio => Volatile.Read(ref _ratio);

    /// <summary>Our count in the provider's tokens, rounded up.</summary>
    /// <param name="counted">Tokens by our counter.</param>
    public long ToProvider(long counted) => (long)Math.Ceiling(counted * Ratio);

    /// <summary>A provider's limit in our tokens, rounded down.</summary>
    /// <param name="limit">Tokens by the provider's counter.</param>
    public long ToCounted(long limit) => (long)Math.Floor(limit / Ratio);

    /// <summary>Learns from one answered request.</summary>
    /// <param name="counted">All input of the request by our counter.</param>
    /// <param name="reported">All input of the request as the provider reported it.</param>
    public void Observe(long counted, long reported)
    {
        if (counted < SmallestSample || reported <= 0)
            return;
        lock (_gate)
        {
            _samples[_count++ % Remembered] = Math.Clamp((double)reported / counted, Lowest, Highest);
            var known = Math.Min(_count, Remembered);
            if (known < SamplesNeeded)
                return;
            Span<double> sorted = stackalloc double[Remembered];
            _samples.AsSpan(0, known).CopyTo(sorted);
            sorted = sorted[..known];
            sorted.Sort();
            var median = sorted[known / 2];
            if (Math.Abs(median - _ratio) > DeadBand * _ratio)
                Volatile.Write(ref _ratio, median);
        }
    }
}
