using System.Text;
using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Plots;

/// <summary>A replayed load over time: the tokens of the sliding minute against the limit, the limiter's and the oracle's, and how many wait.</summary>
internal static class RateLimitPlot
{
    private const int Width = 820;
    private const int Height = 430;
    private const int Left = 88;
    private const int Right = 20;
    private const int Top = 56;
    private const int Middle = 250;
    private const int WaitingTop = 282;
    private const int Bottom = 382;

    public static string Draw(string trace, RequestReplaySetting setting, AdmissionSeries series)
    {
        var seconds = Math.Max(1, Math.Max(series.Tokens.Maxima.Count, series.OracleTokens.Maxima.Count));
        var across = PlotAxis.Over(0, seconds / 60.0, 8, Left, Width - Right) with { To = seconds / 60.0 };
        var svg = new SvgWriter(Width, Height, "Tokens of the sliding minute against the limit, and requests that wait, over time");
        svg.Text("title", Left, 22, "start", FormattableString.Invariant($"{trace}: tokens in the last 60 s, limit {setting.TokensPerMinute:N0} ({setting.ModeName}, {setting.EstimateName})"));
        svg.Rectangle("f0", Left, 31, 10, 10);
        svg.Text("", Left + 15, 40, "start", "admitted by the limiter");
        svg.Rectangle("f1", Left + 160, 31, 10, 10);
        svg.Text("", Left + 175, 40, "start", "by the oracle");

        var tokens = PlotAxis.Over(0, Math.Max(setting.TokensPerMinute, Math.Max(Most(series.Tokens), Most(series.OracleTokens))), 5, Middle, Top);
        Grid(svg, tokens);
        svg.Path("line s1", Outline(series.OracleTokens.Maxima, across, tokens));
        svg.Path("line s0", Outline(series.Tokens.Maxima, across, tokens));
        svg.Line("axis", Left, tokens.Place(setting.TokensPerMinute), Width - Right, tokens.Place(setting.TokensPerMinute));
        svg.Text("mark", Width - Right, tokens.Place(setting.TokensPerMinute) - 4, "end", "limit");

        var waiting = PlotAxis.Over(0, Most(series.Waiting), 3, Bottom, WaitingTop);
        svg.Text("panel", Left, WaitingTop - 10, "start", "requests that wait");
        Grid(svg, waiting);
        svg.Path("line s0", Outline(series.Waiting.Maxima, across, waiting));

        foreach (var value in across.Labels().Where(value => value <= across.To))
            svg.Text("", across.Place(value), Bottom + 17, "middle", across.Format(value));
        svg.Text("", (Left + Width - Right) / 2.0, Height - 9, "middle", "minutes");
        return svg.Finish();
    }

    private static long Most(SecondSeries series) => series.Maxima.DefaultIfEmpty().Max();

    private static void Grid(SvgWriter svg, PlotAxis up)
    {
        foreach (var value in up.Labels())
        {
            svg.Line("grid", Left, up.Place(value), Width - Right, up.Place(value));
            svg.Text("", Left - 6, up.Place(value) + 4, "end", up.Format(value));
        }
    }

    /// <summary>A point a pixel at most, the highest of its seconds: what went over must be seen.</summary>
    private static string Outline(IReadOnlyList<long> maxima, PlotAxis across, PlotAxis up)
    {
        var path = new StringBuilder();
        var step = Math.Max(1, maxima.Count / (Width - Left - Right));
        for (var second = 0; second < maxima.Count; second += step)
        {
            var most = maxima.Skip(second).Take(step).Max();
            path.Append(second == 0 ? 'M' : 'L').Append(SvgWriter.Number(across.Place(second / 60.0))).Append(' ').Append(SvgWriter.Number(up.Place(most)));
        }

        return path.Append(path.Length == 0 ? "M0 0" : "").ToString();
    }
}
