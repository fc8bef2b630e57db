namespace TokenBudget.Counting;

/// <summary>
/// Learns how many tokens a model really counts for ours: a ratio, because providers without a public tokenizer (Anthropic, Google) are counted
/// with o200k_base, and a constant for what the provider or a client further inside adds to every request unseen: tools, system texts.
/// </summary>
/// <remarks>
/// <para>Thread-safe. <b>Ratio</b>: the median of the slopes between requests that follow each other, among the last 31, each weighted by
/// the tokens in between; the ratio it started from counts as 4,000 of them. What two requests have in common, hidden or not,
/// falls out of a slope. <b>Constant</b>: the median of what the last three requests were above the ratio, so that one lying report
/// moves nothing and another set of tools is known after two.</para>
/// <para>Both are clamped (0.7 to 2.5; −32,768 to 65,536), need three requests of at least 200 reported tokens, and move
/// together, and only when the newest request would be estimated more than 3 % otherwise: a window's cuts depend on them, and a
/// cut that moves costs the provider's prompt cache.</para>
/// </remarks>
public sealed class TokenCalibration
{
    private const int Remembered = 31;
    private const int Recent = 3;
    private const int SmallestSample = 200;
    private const int SmallestStep = 32;
    private const double InitialWeight = 4_000;
    private const double LowestRatio = 0.7;
    private const double HighestRatio = 2.5;
    private const double LowestConstant = -32_768;
    private const double HighestConstant = 65_536;
    private const double DeadBand = 0.03;

    // Whatever is hidden, a quarter of a limit is left for what is seen, so that no report can close a window.
    private const double LeastRoom = 0.25;

    private readonly Lock _gate = new();
    private readonly (long Counted, long Reported)[] _samples = new (long, long)[Remembered];
    private double _initialRatio;
    private int _restored;
    private Line _line;
    private long _count;

    /// <summary>Starts from a known ratio and no constant.</summary>
    /// <param name="initialRatio">Provider tokens per token of ours, 0.7 to 2.5.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialRatio"/> is outside its range.</exception>
    public TokenCalibration(double initialRatio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialRatio, LowestRatio);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialRatio, HighestRatio);
        _initialRatio = initialRatio;
        _line = new Line(initialRatio, 0);
    }

    /// <summary>Provider tokens per token of ours, 0.7 to 2.5.</summary>
    public double Ratio => Volatile.Read(ref _line).Ratio;

    /// <summary>Provider tokens every request has besides what is counted, −32,768 to 65,536.</summary>
    public double Constant => Volatile.Read(ref _line).Constant;

    /// <summary>The requests learned from so far.</summary>
    public int Samples
    {
        get
        {
            lock (_gate)
                return (int)Math.Min(int.MaxValue, _restored + _count);
        }
    }

    /// <summary>The count of a text or an answer in the provider's tokens, rounded up.</summary>
    /// <param name="counted">Tokens by our counter.</param>
    public long ToProvider(long counted) => (long)Math.Ceiling(counted * Ratio);

    /// <summary>The provider's tokens of a text or an answer in ours, rounded down.</summary>
    /// <param name="limit">Tokens by the provider's counter.</param>
    public long ToCounted(long limit) => (long)Math.Floor(limit / Ratio);

    /// <summary>The count of a whole request in the provider's tokens, with what it has besides, rounded up.</summary>
    /// <param name="counted">All of the request that can be seen, by our counter.</param>
    public long ToProviderRequest(long counted) => (long)Math.Ceiling(Volatile.Read(ref _line).Estimate(counted));

    /// <summary>How much of a request may be seen, by our counter, so that all of it keeps to a limit; rounded down.</summary>
    /// <param name="limit">The limit of a request by the provider's counter.</param>
    /// <returns>At least a quarter of the limit, however much is hidden.</returns>
    public long ToCountedRequest(long limit)
    {
        var line = Volatile.Read(ref _line);
        var room = Math.Max((limit - line.Constant) / line.Ratio, limit * LeastRoom / line.Ratio);
        return (long)Math.Floor(Math.Min(room, limit / Math.Min(line.Ratio, LowestRatio)));
    }

    /// <summary>Learns from one answered request.</summary>
    /// <param name="counted">All input of the request by our counter.</param>
    /// <param name="reported">All input of the request as the provider reported it, cache reads and writes included.</param>
    /// <returns>Whether estimates have changed.</returns>
    public bool Observe(long counted, long reported)
    {
        if (counted <= 0 || reported < SmallestSample)
            return false;
        lock (_gate)
        {
            _samples[_count % Remembered] = (counted, reported);
            _count++;
            if (_count < Recent)
                return false;
            var ratio = LearnRatio();
            var learned = new Line(ratio, LearnConstant(ratio));
            var now = _line.Estimate(counted);
            if (Math.Abs(learned.Estimate(counted) - now) <= DeadBand * now)
                return false;
            Volatile.Write(ref _line, learned);
            return true;
        }
    }

    /// <summary>Goes on from what was learned before, unless something has been learned since. Values outside their bounds are moved to them.</summary>
    internal void Restore(CalibrationState learned)
    {
        if (!double.IsFinite(learned.Ratio) || !double.IsFinite(learned.Constant))
            return;
        lock (_gate)
        {
            if (_count > 0 || _restored > 0)
                return;
            _initialRatio = Math.Clamp(learned.Ratio, LowestRatio, HighestRatio);
            _restored = Math.Max(0, learned.Samples);
            Volatile.Write(ref _line, new Line(_initialRatio, Math.Clamp(learned.Constant, LowestConstant, HighestConstant)));
        }
    }

    private double LearnRatio()
    {
        Span<double> slopes = stackalloc double[Remembered];
        Span<double> weights = stackalloc double[Remembered];
        slopes[0] = _initialRatio;
        weights[0] = InitialWeight;
        var total = InitialWeight;
        var known = 1;
        for (var age = 1; age < Math.Min(_count, Remembered); age++)
        {
            var (counted, reported) = Sample(age);
            var next = Sample(age - 1);
            double step = next.Counted - counted;
            if (Math.Abs(step) < SmallestStep)
                continue;
            slopes[known] = Math.Clamp((next.Reported - (double)reported) / step, LowestRatio, HighestRatio);
            weights[known] = Math.Abs(step);
            total += weights[known++];
        }

        slopes[..known].Sort(weights[..known]);
        var half = total / 2;
        var index = 0;
        for (half -= weights[0]; half > 0 && index < known - 1; half -= weights[index])
            index++;
        return slopes[index];
    }

    private double LearnConstant(double ratio)
    {
        Span<double> above = stackalloc double[Recent];
        for (var age = 0; age < Recent; age++)
            above[age] = Sample(age).Reported - (ratio * Sample(age).Counted);
        above.Sort();
        return Math.Clamp(above[Recent / 2], LowestConstant, HighestConstant);
    }

    private (long Counted, long Reported) Sample(int age) => _samples[(_count - 1 - age) % Remembered];

    /// <summary>Both figures together, so that no reader sees one without the other.</summary>
    private sealed record Line(double Ratio, double Constant)
    {
        public double Estimate(long counted) => Math.Max((counted * Ratio) + Constant, counted * Math.Min(Ratio, LowestRatio));
    }
}
