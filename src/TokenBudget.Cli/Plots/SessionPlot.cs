using System.Text;
using TokenBudget.Cli.Replay;

namespace TokenBudget.Cli.Plots;

/// <summary>Prompt size over the requests of one session, a panel for each setting: what was read from the provider's cache, and what was not.</summary>
/// <remarks>Each panel has its own scale: on a common one an unbounded prompt would leave the others nothing to be seen by.</remarks>
internal static class SessionPlot
{
    private const int Width = 820;
    private const int Left = 78;
    private const int Right = 20;
    private const int Top = 72;
    private const int PanelHeight = 130;
    private const int PanelGap = 44;
    private const int Bottom = 46;

    public static string Draw(IReadOnlyDictionary<ReplaySetting, List<ReplayedRequest>> series)
    {
        var requests = Math.Max(1, series.Values.Select(static list => list.Count).DefaultIfEmpty().Max());
        var height = Top + (series.Count * (PanelHeight + PanelGap)) - PanelGap + Bottom;
        var svg = new SvgWriter(Width, height, "Prompt size over the requests of one session, by window policy");
        svg.Text("title", Left, 22, "start", "Input tokens of each request of one session");
        svg.Rectangle("f0", Left, 31, 10, 10);
        svg.Text("", Left + 15, 40, "start", "read from the cache");
        svg.Rectangle("f1", Left + 150, 31, 10, 10);
        svg.Text("", Left + 165, 40, "start", "written or fresh");
        svg.Text("", Width - Right, 40, "end", "each panel has its own scale");
        var across = PlotAxis.Over(0, requests, 8, Left, Width - Right) with { To = requests };
        var top = Top;
        foreach (var (setting, sent) in series)
        {
            DrawPanel(svg, setting, sent, across, top);
            top += PanelHeight + PanelGap;
        }

        foreach (var value in across.Labels().Where(value => value <= requests))
            svg.Text("", across.Place(value), height - 28, "middle", across.Format(value));
        svg.Text("", (Left + Width - Right) / 2.0, height - 9, "middle", "request");
        return svg.Finish();
    }

    private static void DrawPanel(SvgWriter svg, ReplaySetting setting, List<ReplayedRequest> sent, PlotAxis across, int top)
    {
        var bottom = top + PanelHeight;
        var up = PlotAxis.Over(0, sent.Max(static request => request.Usage.TotalInput), 4, bottom, top + 8);
        var input = sent.Sum(static request => request.Usage.TotalInput);
        var cached = sent.Sum(static request => request.Usage.CacheRead);
        var cost = sent.Sum(static request => request.Cost.Dollars);
        svg.Text("panel", Left, top, "start", FormattableString.Invariant($"{setting.Name} · ${cost:N2} · {(input == 0 ? 0 : 100.0 * cached / input):0.0} % of the input read from the cache"));
        foreach (var value in up.Labels())
        {
            svg.Line("grid", Left, up.Place(value), Width - Right, up.Place(value));
            svg.Text("", Left - 6, up.Place(value) + 4, "end", up.Format(value));
        }

        svg.Path("f1", Steps(sent, across, up, static request => request.Usage.TotalInput));
        svg.Path("f0", Steps(sent, across, up, static request => request.Usage.CacheRead));
        svg.Line("axis", Left, bottom, Width - Right, bottom);
        svg.Text("", 16, (top + bottom) / 2.0, "middle", "tokens", turned: true);
    }

    /// <summary>A bar for each request, without gaps.</summary>
    private static string Steps(List<ReplayedRequest> sent, PlotAxis across, PlotAxis up, Func<ReplayedRequest, long> height)
    {
        var path = new StringBuilder();
        var bottom = SvgWriter.Number(up.Place(0));
        path.Append('M').Append(SvgWriter.Number(across.Place(sent[0].Number))).Append(' ').Append(bottom);
        var last = "";
        foreach (var request in sent)
        {
            var level = SvgWriter.Number(up.Place(height(request)));
            if (level != last)
                path.Append('V').Append(last = level);
            path.Append('H').Append(SvgWriter.Number(across.Place(request.Number + 1)));
        }

        return path.Append('V').Append(bottom).Append('Z').ToString();
    }
}
