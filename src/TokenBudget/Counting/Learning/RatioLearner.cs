namespace TokenBudget.Counting.Learning;

/// <summary>
/// The ratio of a model's tokens to ours: the median of the slopes between requests, each weighted by the tokens in between. What two requests have
/// in common, hidden or not, falls out of a slope. The ratio it started from counts as 4,000 tokens of them.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RatioLearner(double initialRatio)
{
    private const int Remembered = 30;
    private const int SmallestStep = 32;
    private const double InitialWeight = 4_000;

    private readonly (double Slope, double Weight)[] _slopes = new (double, double)[Remembered];
    private double _initialRatio = initialRatio;
    private long _count;

    /// <summary>Starts anew from a known ratio.</summary>
    public void Restart(double ratio)
    {
        _initialRatio = ratio;
        _count = 0;
    }

    /// <summary>Learns from two requests, best of one conversation; too small a step between them says nothing.</summary>
    public void Learn(Report from, Report to)
    {
        double step = to.Counted - from.Counted;
        if (Math.Abs(step) < SmallestStep)
            return;
        var slope = Math.Clamp((to.Reported - (double)from.Reported) / step, CalibrationLine.LowestRatio, CalibrationLine.HighestRatio);
        _slopes[_count++ % Remembered] = (slope, Math.Abs(step));
    }

    /// <summary>The ratio, 0.7 to 2.5.</summary>
    public double Ratio()
    {
        var known = (int)Math.Min(_count, Remembered);
        Span<double> slopes = stackalloc double[Remembered + 1];
        Span<double> weights = stackalloc double[Remembered + 1];
        (slopes[known], weights[known]) = (_initialRatio, InitialWeight);
        var half = InitialWeight;
        for (var index = 0; index < known; index++)
        {
            (slopes[index], weights[index]) = _slopes[index];
            half += weights[index];
        }

        slopes[..(known + 1)].Sort(weights[..(known + 1)]);
        half /= 2;
        var median = 0;
        for (half -= weights[0]; half > 0 && median < known; half -= weights[median])
            median++;
        return slopes[median];
    }
}
