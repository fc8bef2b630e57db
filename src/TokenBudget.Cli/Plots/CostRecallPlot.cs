using System.Text;
using TokenBudget.Cli.Replay;

namespace TokenBudget.Cli.Plots;

/// <summary>Cost against reference recall, a point for each setting: a policy is better the further up and left it lies.</summary>
internal static class CostRecallPlot
{
    private const int Width = 820;
    private const int Height = 480;
    private const int Left = 70;
    private const int Right = 50;
    private const int Top = 62;
    private const int Bottom = 56;
    private const double LabelHeight = 13;
    private const double WidthOfCharacter = 6;

    public static string Draw(IReadOnlyList<ReplayTotals> totals)
    {
        var svg = new SvgWriter(Width, Height, "Cost against reference recall, by window policy and marks");
        svg.Text("title", Left, 22, "start", "What each window costs, and what it remembers");
        var across = PlotAxis.Over(0, totals.Max(static one => (double)one.Cost.Dollars), 8, Left, Width - Right);
        var up = PlotAxis.Over(totals.Min(static one => one.Recall), 1, 6, Height - Bottom, Top);
        foreach (var value in up.Labels())
        {
            svg.Line("grid", Left, up.Place(value), Width - Right, up.Place(value));
            svg.Text("", Left - 6, up.Place(value) + 4, "end", up.Format(value));
        }

        foreach (var value in across.Labels())
        {
            svg.Line("grid", across.Place(value), Top, across.Place(value), Height - Bottom);
            svg.Text("", across.Place(value), Height - Bottom + 17, "middle", across.Format(value));
        }

        svg.Line("axis", Left, Height - Bottom, Width - Right, Height - Bottom);
        svg.Line("axis", Left, Top, Left, Height - Bottom);
        svg.Text("", (Left + Width - Right) / 2.0, Height - 12, "middle", "cost of all requests, US dollars");
        svg.Text("", 18, (Top + Height - Bottom) / 2.0, "middle", "reference recall", turned: true);
        var taken = new List<(double X1, double X2, double Y)>();
        foreach (var one in totals)
            Take(taken, across.Place((double)one.Cost.Dollars) - 4, 8, up.Place(one.Recall) + 4);
        var legend = (double)Left;
        foreach (var policy in totals.GroupBy(static one => one.Setting.Policy))
        {
            var colour = (int)policy.Key;
            svg.Circle($"f{colour}", legend + 5, 36, 4.5);
            svg.Text("", legend + 15, 40, "start", policy.First().Setting.PolicyName);
            legend += 110;
            DrawCurve(svg, colour, [.. policy.OrderBy(static one => one.Setting.MaxTokens).ThenBy(static one => one.Setting.LowMark)], across, up, taken);
        }

        return svg.Finish();
    }

    private static void DrawCurve(
        SvgWriter svg, int colour, List<ReplayTotals> points, PlotAxis across, PlotAxis up, List<(double X1, double X2, double Y)> taken)
    {
        var path = new StringBuilder();
        foreach (var point in points)
            path.Append(path.Length == 0 ? 'M' : 'L').Append(SvgWriter.Number(X(point))).Append(' ').Append(SvgWriter.Number(Y(point)));
        if (points.Count > 1)
            svg.Path($"line s{colour}", path.ToString());
        foreach (var point in points)
        {
            svg.Circle($"f{colour}", X(point), Y(point), 4.5);
            var label = Label(point.Setting);
            var width = label.Length * WidthOfCharacter;
            // The first place that is free; below comes first, because curves rise to the right.
            var places = from side in new[] { X(point) + 8, X(point) - 8 - width }
                         from offset in new[] { 16, 4, -9, 28 }
                         where side > Left && side + width < Width
                         select (X: side, Y: Y(point) + offset);
            var place = places.FirstOrDefault(place => IsFree(taken, place.X, width, place.Y), (X: X(point) + 8, Y: Y(point) + 4));
            Take(taken, place.X, width, place.Y);
            svg.Text("mark", place.X, place.Y, "start", label);
        }

        double X(ReplayTotals point) => across.Place((double)point.Cost.Dollars);
        double Y(ReplayTotals point) => up.Place(point.Recall);
    }

    private static string Label(ReplaySetting setting) =>
        string.Join(':', setting.Marks.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(static mark => mark.EndsWith("000", StringComparison.Ordinal) ? mark[..^3] + "k" : mark)) is { Length: > 0 } marks
            ? marks
            : setting.PolicyName;

    private static bool IsFree(List<(double X1, double X2, double Y)> taken, double x, double width, double y) =>
        !taken.Exists(other => other.X1 < x + width && x < other.X2 && Math.Abs(other.Y - y) < LabelHeight);

    private static void Take(List<(double X1, double X2, double Y)> taken, double x, double width, double y) => taken.Add((x, x + width, y));
}
