using Microsoft.Playwright;
using TokenBudget.Costs;

namespace TokenBudget.Dashboard.Tests;

/// <summary>What it looks like: empty, at work and alarmed, in light, in dark and on a phone. With <c>TOKENBUDGET_PICTURES</c> naming a folder, the pictures are kept there.</summary>
public sealed class PictureTests(Browser browser) : IClassFixture<Browser>
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("TOKENBUDGET_PICTURES");

    [BrowserFact]
    public async Task An_empty_page_says_so_and_draws_nothing_wrong()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();

        await Assertions.Expect(page.Page.GetByText("No call has used a budget yet.")).ToBeVisibleAsync();
        await KeepAsync(page, "empty");
    }

    [BrowserFact]
    public async Task At_work_the_chart_is_drawn_in_every_light_and_width()
    {
        await using var host = await DashboardTests.FilledAsync();
        foreach (var (name, scheme, width, height) in ((string, ColorScheme, int, int)[])[("full-light", ColorScheme.Light, 1280, 900), ("full-dark", ColorScheme.Dark, 1280, 900), ("phone-dark", ColorScheme.Dark, 390, 844), ("phone-light", ColorScheme.Light, 390, 844)])
        {
            await using var page = await browser.OpenAsync(host, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme });
            await page.LiveAsync();
            for (var call = 0; call < 5; call++)
            {
                await host.AskAsync("SupportAgent", "Chat", 800 * call, 300);
                await page.Page.WaitForFunctionAsync("calls => Number(document.querySelector(\"[data-metric='limit.output']\").dataset.value) >= calls", 300 * call);
            }

            await page.Page.WaitForFunctionAsync("""
                () => {
                    const canvas = document.querySelector('.plot canvas');
                    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                    let drawn = 0;
                    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) drawn++;
                    return drawn > 1000;
                }
                """);
            await KeepAsync(page, name);
        }
    }

    [BrowserFact]
    public async Task An_alarm_is_seen_at_once()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await browser.OpenAsync(host, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 }, ColorScheme = ColorScheme.Light });
        await page.LiveAsync();

        await host.AskAsync("SupportAgent", "Chat", 19_000, 900);
        await host.AskAsync("SupportAgent", "Chat", 14_500, 900);
        await host.SpendAsync("support", 3.4m);
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync("support", 1, atLimit: AtLimit.Pause));

        await Assertions.Expect(page.Page.Locator(".banner.critical")).ToContainTextAsync("Budget support is paused");
        await Assertions.Expect(page.Page.Locator(".alerts")).ToContainTextAsync("Rate limit provider is 9");
        await KeepAsync(page, "alarmed-light");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await KeepAsync(page, "alarmed-dark");
    }

    private static async Task KeepAsync(DashboardPage page, string name)
    {
        if (Folder is not null)
            await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, name + ".png"), FullPage = true });
    }
}
