using System.Globalization;

namespace TokenBudget.Cli.Plots;

/// <summary>Values along one edge of a plot: where they lie, and which of them are labelled.</summary>
/// <param name="From">The value at the beginning.</param>
/// <param name="To">The value at the end.</param>
/// <param name="Step">The distance of labels: 1, 2 or 5 times a power of ten.</param>
/// <param name="Start">Where the beginning lies, in pixels.</param>
/// <param name="End">Where the end lies.</param>
internal sealed record PlotAxis(double From, double To, double Step, double Start, double End)
{
    /// <summary>An axis on which the given values lie, with about as many labels as asked for.</summary>
    public static PlotAxis Over(double least, double most, int labels, double start, double end)
    {
        if (most <= least)
            most = least + 1;
        var rough = (most - least) / labels;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return new PlotAxis(Math.Floor(least / step) * step, Math.Ceiling(Math.Round(most / step, 6)) * step, step, start, end);
    }

    public double Place(double value) => Start + ((value - From) / (To - From) * (End - Start));

    /// <summary>The labelled values.</summary>
    public IEnumerable<double> Labels()
    {
        var count = (int)Math.Round((To - From) / Step);
        return Enumerable.Range(0, count + 1).Select(index => From + (index * Step));
    }

    /// <summary>A label with as many decimals as tell it from the next.</summary>
    public string Format(double value) =>
        value.ToString("N" + Math.Max(0, -(int)Math.Floor(Math.Log10(Step))).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
