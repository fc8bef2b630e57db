using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>What is drawn on the chart, as the page's own canvas was told to.</summary>
[Collection(BrowserTests.Name)]
public sealed class ChartTests(Browser browser)
{
    private const string Watch = """
        window.drawn = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { window.drawn.push({ text, colour: this.fillStyle, at: new Date().toTimeString().slice(0, 8) }); return write.call(this, text, ...rest); };
        """;

    [BrowserFact]
    public async Task A_change_of_theme_draws_everything_again_at_once_and_in_its_colours()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await browser.OpenAsync(host, prepare: static page => page.AddInitScriptAsync(Watch));
        await page.Page.WaitForFunctionAsync("() => window.drawn.some(it => it.text === 'input limit')");

        foreach (var (theme, colour) in ((string, string)[])[("light", "#1a5fd0"), ("dark", "#6ea8ff")])
        {
            // Two frames after the key: before the next second brings new numbers.
            var drawn = await page.Page.EvaluateAsync<string[]>("""
                async () => {
                    window.drawn = [];
                    document.querySelector('button.plain').click();
                    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                    return window.drawn.map(it => `${it.text} ${it.colour}`);
                }
                """);
            drawn.ShouldContain($"input limit {colour}", theme);
            drawn.ShouldContain(text => text.StartsWith("output limit", StringComparison.Ordinal), theme);
            TimesOf(drawn).ShouldNotBeEmpty(theme);
        }
    }

    [BrowserFact]
    public async Task Times_are_those_of_the_last_minutes_from_the_first_point_on()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await browser.OpenAsync(host, prepare: static async page =>
        {
            await page.AddInitScriptAsync(Watch);
            // One point, which a chart may take for the middle of a day.
            await page.RouteAsync("**/api/metrics/history", static route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = """{"samples":[]}""" }));
        });
        await page.Page.WaitForFunctionAsync("() => window.drawn.filter(it => it.text === 'input limit').length > 3");

        // Each beside the time at which it was drawn.
        var texts = await page.Page.EvaluateAsync<string[]>(@"window.drawn.filter(it => /^\d+:\d+:\d+$/.test(it.text)).flatMap(it => [it.text, it.at])");
        texts.ShouldNotBeEmpty();
        foreach (var pair in TimesOf(texts).Chunk(2))
            ((pair[1] - pair[0] + TimeSpan.FromDays(1)).TotalSeconds % 86_400).ShouldBeLessThan(180);
    }

    [BrowserFact]
    public async Task The_queue_is_drawn_when_calls_wait_and_a_point_tells_its_numbers()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await browser.OpenAsync(host);
        await page.ShowsAsync("limit.input", 15_400);
        await Assertions.Expect(page.Page.Locator(".plot canvas")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Page.Locator(".plot").Nth(1)).ToBeHiddenAsync();

        var plot = page.Page.Locator(".plot .u-over").First;
        // At the newest point, once the plot stands still.
        await plot.HoverAsync();
        var box = (await plot.BoundingBoxAsync())!;
        await page.Page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + 20);
        await Assertions.Expect(page.Page.Locator(".reading")).ToContainTextAsync("15,400 input · 1,300 output · 0 calls wait");

        // Over the limit by themselves, however long ago the calls before were.
        await host.AskAsync("SupportAgent", "Chat", 19_000, 10);
        await host.AskAsync("SupportAgent", "Chat", 32_000, 10);
        using var stop = new CancellationTokenSource();
        var waits = host.AskAsync("SupportAgent", "Chat", 10, 10, cancellationToken: stop.Token);
        await page.ShowsAsync("limit.waiting", 1);
        await Assertions.Expect(page.Page.Locator(".plot").Nth(1)).ToBeVisibleAsync();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waits);
    }

    private static List<TimeSpan> TimesOf(IEnumerable<string> drawn) =>
        [.. drawn.Select(static text => text.Split(' ')[0]).Where(static text => text.Count(':'.Equals) == 2).Select(static text => TimeSpan.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
}
