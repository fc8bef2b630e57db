namespace TokenBudget.Counting.Learning;

/// <summary>Provider tokens of a request by ours: <c>ratio × counted + constant</c>. Both figures in one object, so that no reader sees one without the other.</summary>
internal sealed record CalibrationLine
{
    public const double LowestRatio = 0.7;
    public const double HighestRatio = 2.5;

    private const double LowestConstant = -32_768;
    private const double HighestConstant = 65_536;

    // A window's cuts depend on the line, and a cut that moves costs the provider's prompt cache.
    private const double DeadBand = 0.03;

    // Whatever is hidden, a quarter of a limit is left for what is seen, so that no report can close a window.
    private const double LeastRoom = 0.25;

    /// <summary>A line within the bounds: values outside are moved to them.</summary>
    public CalibrationLine(double ratio, double constant)
    {
        Ratio = Math.Clamp(ratio, LowestRatio, HighestRatio);
        Constant = Math.Clamp(constant, LowestConstant, HighestConstant);
    }

    public double Ratio { get; }

    public double Constant { get; }

    public double Estimate(long counted) => Math.Max((counted * Ratio) + Constant, counted * LowestRatio);

    /// <summary>The most of ours that keeps to a limit of the provider's.</summary>
    public double Room(long limit) =>
        Math.Min(Math.Max((limit - Constant) / Ratio, limit * LeastRoom / Ratio), limit / LowestRatio);

    /// <summary>This line, or another one where that estimates a request of so many tokens more than 3 % otherwise.</summary>
    public CalibrationLine MoveTo(CalibrationLine learned, long counted)
    {
        var now = Estimate(counted);
        return Math.Abs(learned.Estimate(counted) - now) > DeadBand * now ? learned : this;
    }
}
