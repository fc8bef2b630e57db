using System.Globalization;
using System.Security;
using System.Text;

namespace TokenBudget.Cli.Plots;

/// <summary>Writes SVG: elements a line, numbers with one decimal, text escaped. The same calls give the same bytes.</summary>
/// <remarks>Colours are classes of one style sheet with a light and a dark half, so that a file is readable on either ground. No variables: not every
/// viewer knows them.</remarks>
internal sealed class SvgWriter
{
    private const string Style =
        """
        text{font:12px system-ui,sans-serif}.title{font-size:14px;font-weight:600}.panel{font-weight:600}.mark{font-size:11px}.line{fill:none;stroke-width:1.5}
        .ground{fill:#ffffff}text{fill:#24292f}.grid{stroke:#d0d7de}.axis{stroke:#24292f}.f0{fill:#0969da}.f1{fill:#d1570a}.f2{fill:#1a7f37}.s0{stroke:#0969da}.s1{stroke:#d1570a}.s2{stroke:#1a7f37}
        @media (prefers-color-scheme:dark){
        .ground{fill:#0d1117}text{fill:#e6edf3}.grid{stroke:#30363d}.axis{stroke:#e6edf3}.f0{fill:#58a6ff}.f1{fill:#f0883e}.f2{fill:#3fb950}.s0{stroke:#58a6ff}.s1{stroke:#f0883e}.s2{stroke:#3fb950}
        }
        """;

    private readonly StringBuilder _text = new();

    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="title">What the picture shows, for whoever does not see it.</param>
    public SvgWriter(int width, int height, string title)
    {
        Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">");
        Append($"<title>{Escape(title)}</title>");
        Append($"<style>\n{Style}\n</style>");
        Rectangle("ground", 0, 0, width, height);
    }

    /// <summary>A coordinate as it is written.</summary>
    public static string Number(double value) => Math.Round(value, 1).ToString("0.#", CultureInfo.InvariantCulture);

    public void Rectangle(string style, double x, double y, double width, double height) =>
        Append($"<rect class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" height=\"{Number(height)}\"/>");

    public void Line(string style, double x1, double y1, double x2, double y2) =>
        Append($"<line class=\"{style}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>");

    public void Circle(string style, double x, double y, double radius) =>
        Append($"<circle class=\"{style}\" cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"{Number(radius)}\"/>");

    public void Path(string style, string data) => Append($"<path class=\"{style}\" d=\"{data}\"/>");

    /// <param name="style">Its class; empty for none.</param>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="text">The text.</param>
    /// <param name="turned">Whether it is read from below.</param>
    public void Text(string style, double x, double y, string anchor, string text, bool turned = false)
    {
        var named = style.Length == 0 ? "" : $" class=\"{style}\"";
        var turn = turned ? $" transform=\"rotate(-90 {Number(x)} {Number(y)})\"" : "";
        Append($"<text{named} x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\"{turn}>{Escape(text)}</text>");
    }

    /// <summary>Ends the picture.</summary>
    public string Finish() => _text + "</svg>\n";

    private static string Escape(string text) => SecurityElement.Escape(text);

    private void Append(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
