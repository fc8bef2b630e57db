using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using TokenBudget.Cli.Plots;

namespace TokenBudget.Cli.Tests.Plots;

public sealed class ReplayPlotTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task Several_settings_are_drawn_as_cost_against_recall()
    {
        var (svg, text) = await DrawAsync("--marks", "1000:500,600:300");

        Texts(svg).ShouldBe(
        [
            "What each window costs, and what it remembers",
            "0.80", "0.85", "0.90", "0.95", "1.00",
            "0.00", "0.02", "0.04", "0.06", "0.08", "0.10", "0.12",
            "cost of all requests, US dollars", "reference recall",
            "unbounded", "unbounded",
            "sliding", "600", "1k",
            "economic", "600:300", "1k:500",
        ]);
        // A point for each setting and one for each entry of the legend; a curve where there is more than one point.
        svg.Descendants(Svg + "circle").GroupBy(static circle => circle.Attribute("class")!.Value).Select(static group => (group.Key, group.Count())).ShouldBe([("f0", 2), ("f1", 3), ("f2", 3)]);
        svg.Descendants(Svg + "path").Select(static path => path.Attribute("class")!.Value).ShouldBe(["line s1", "line s2"]);
        CheckBounds(svg);
        (await DrawAsync("--marks", "1000:500,600:300")).Text.ShouldBe(text);
    }

    [Fact]
    public async Task A_session_is_drawn_as_prompt_size_and_cached_share_for_each_setting()
    {
        var (svg, text) = await DrawAsync("--conversation", "long", "--marks", "1000:500");

        var texts = Texts(svg);
        texts.Where(static text => text.Contains('$', StringComparison.Ordinal)).Select(static text => text.Split(" · ")[0]).ShouldBe(["unbounded", "sliding 1000", "economic 1000:500"]);
        foreach (var expected in new[] { "Input tokens of each request of one session", "read from the cache", "written or fresh", "each panel has its own scale", "tokens", "request", "40" })
            texts.ShouldContain(expected);
        // Two areas a panel, the cached one in front of the whole.
        svg.Descendants(Svg + "path").Select(static path => path.Attribute("class")!.Value).ShouldBe(["f1", "f0", "f1", "f0", "f1", "f0"]);
        foreach (var path in svg.Descendants(Svg + "path"))
            path.Attribute("d")!.Value.Count(static command => command == 'H').ShouldBe(40);
        CheckBounds(svg);
        text.ShouldNotContain("file_");
    }

    [Fact]
    public async Task With_a_single_setting_it_is_the_longest_session()
    {
        var (svg, _) = await DrawAsync("--policy", "sliding", "--max-context-tokens", "1000");

        svg.Descendants(Svg + "path").First().Attribute("d")!.Value.Count(static command => command == 'H').ShouldBe(40);
    }

    [Fact]
    public async Task Nothing_to_draw_is_no_file()
    {
        var plot = _cli.PathOf("p.svg");

        await _cli.RunAsync("replay", "conversations", _cli.Write("empty.jsonl", ""), "--model", "gpt-4o", "--plot", plot);

        File.Exists(plot).ShouldBeFalse();
    }

    [Fact]
    public void Text_is_escaped_and_numbers_are_short()
    {
        var svg = new SvgWriter(10, 20, "a < b & \"c\"");
        svg.Text("", 1.26, 2, "start", "<script>'&");
        svg.Line("grid", 0, 1 / 3.0, 1e3, -0.04);

        var written = XDocument.Parse(svg.Finish());

        Texts(written).ShouldBe(["<script>'&"]);
        written.Descendants(Svg + "title").Single().Value.ShouldBe("a < b & \"c\"");
        svg.Finish().ShouldContain("x=\"1.3\"");
        svg.Finish().ShouldContain("y1=\"0.3\" x2=\"1000\"");
        svg.Finish().ShouldContain("prefers-color-scheme:dark");
    }

    [Theory]
    [InlineData(0, 165_252, 4, 0, 200_000, 50_000)]
    [InlineData(0.8968, 1, 6, 0.88, 1, 0.02)]
    [InlineData(0, 0, 5, 0, 1, 0.2)]
    [InlineData(1, 1, 5, 1, 2, 0.2)]
    public void An_axis_has_round_labels_that_hold_all_values(double least, double most, int labels, double from, double to, double step)
    {
        var axis = PlotAxis.Over(least, most, labels, 100, 0);

        (axis.From, axis.To, axis.Step).ShouldBe((from, to, step), $"{axis}");
        (axis.Place(from), axis.Place(to)).ShouldBe((100, 0));
        axis.Labels().Select(axis.Format).Distinct().Count().ShouldBe(axis.Labels().Count());
    }

    [Theory]
    [InlineData("docs/policies/windowing-session.svg")]
    [InlineData("docs/policies/windowing-cost-recall.svg")]
    public void The_plots_of_the_documents_are_small_and_well_formed(string file)
    {
        var path = Repository.PathOf(file);

        new FileInfo(path).Length.ShouldBeLessThan(100_000);
        CheckBounds(XDocument.Load(path));
    }

    public void Dispose() => _cli.Dispose();

    private static List<string> Texts(XDocument svg) => [.. svg.Descendants(Svg + "text").Select(static text => text.Value)];

    private static void CheckBounds(XDocument svg)
    {
        var (width, height) = (Read(svg.Root!, "width"), Read(svg.Root!, "height"));
        foreach (var element in svg.Descendants().Where(static element => element.Attribute("x") is not null))
        {
            Read(element, "x").ShouldBeInRange(0, width, element.ToString());
            Read(element, "y").ShouldBeInRange(0, height, element.ToString());
        }
    }

    private static double Read(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private async Task<(XDocument Svg, string Text)> DrawAsync(params string[] options)
    {
        var file = _cli.Write("c.jsonl", Conversation("short", 5) + Conversation("long", 40));
        var plot = _cli.PathOf("plot.svg");
        var (exitCode, _, error) = await _cli.RunAsync(["replay", "conversations", file, "--model", "claude-sonnet-4-5", "--plot", plot, .. options]);
        exitCode.ShouldBe(0, error);
        var text = await File.ReadAllTextAsync(plot);
        return (XDocument.Parse(text), text);
    }

    private static string Conversation(string id, int turns) => JsonSerializer.Serialize(new
    {
        id,
        messages = Enumerable.Range(0, turns).SelectMany(static turn => new[]
        {
            new { role = "user", content = $"look at file_{turn} {string.Join(' ', Enumerable.Repeat("word", 30))}" },
            new { role = "assistant", content = $"file_{turn} is like file_{turn / 2} {string.Join(' ', Enumerable.Repeat("word", 10))}" },
        }),
    }) + "\n";
}
