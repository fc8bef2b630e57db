using Microsoft.Playwright;
using TokenBudget.Costs;

namespace TokenBudget.Dashboard.Tests;

/// <summary>
/// What it looks like: empty, at work and alarmed, in light and in dark, from a phone to a wide screen. Nothing leaves a hole, is cut off or too faint to read. With
/// <c>TOKENBUDGET_PICTURES</c> naming a folder, the pictures are kept there.
/// </summary>
[Collection(BrowserTests.Name)]
public sealed class PictureTests(Browser browser)
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("TOKENBUDGET_PICTURES");

    private static readonly (string Name, int Width, int Height)[] Screens = [("phone", 375, 812), ("tablet", 820, 1180), ("desktop", 1280, 900), ("wide", 1920, 1080)];

    [BrowserFact]
    public async Task An_empty_page_says_so_and_draws_nothing_wrong()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await OpenAsync(host, ColorScheme.Light);

        await Assertions.Expect(page.Page.GetByText("No agent with a budget is here yet.")).ToBeVisibleAsync();
        await LookAsync(page, "empty-light");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await LookAsync(page, "empty-dark");
    }

    [BrowserFact]
    public async Task At_work_it_is_drawn_in_every_light_and_width()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await OpenAsync(host, ColorScheme.Light);
        for (var call = 1; call <= 5; call++)
        {
            await host.AskAsync("SupportAgent", "Chat", 800 * call, 300);
            await Assertions.Expect(page.Page.Locator("[data-agent='SupportAgent'][data-model='m'] [data-metric='agent.requests']")).ToHaveTextAsync($"{1 + call}");
        }

        // Until the line of the input tokens is drawn, in its colour.
        await page.Page.WaitForFunctionAsync("""
            () => {
                const canvas = document.querySelector('.plot canvas');
                const copy = document.createElement('canvas');
                [copy.width, copy.height] = [canvas.width, canvas.height];
                const context = copy.getContext('2d', { willReadFrequently: true });
                context.drawImage(canvas, 0, 0);
                const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
                let drawn = 0;
                for (let at = 0; at < pixels.length; at += 4) if (pixels[at] === 26 && pixels[at + 1] === 95 && pixels[at + 2] === 208 && pixels[at + 3] > 0 && at / 4 / canvas.width > 60) drawn++;
                return drawn > 100;
            }
            """);
        await LookAsync(page, "full-light");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await LookAsync(page, "full-dark");
    }

    [BrowserFact]
    public async Task An_alarm_is_seen_at_once()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await OpenAsync(host, ColorScheme.Light);

        await host.AskAsync("SupportAgent", "Chat", 19_000, 900);
        await host.AskAsync("SupportAgent", "Chat", 14_500, 900);
        await host.SpendAsync("support", 3.4m);
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync("support", 1, atLimit: AtLimit.Pause));

        await Assertions.Expect(page.Page.Locator(".banner.critical")).ToContainTextAsync("Budget support is paused");
        await Assertions.Expect(page.Page.Locator(".alerts")).ToContainTextAsync("Rate limit provider is 9");
        await Assertions.Expect(page.Page).ToHaveTitleAsync("● $13.22 today · TokenBudget");
        await LookAsync(page, "alarmed-light");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await LookAsync(page, "alarmed-dark");
    }

    [BrowserFact]
    public async Task A_pause_by_hand_is_asked_for_and_seen()
    {
        await using var host = await DashboardTests.FilledAsync();
        await using var page = await OpenAsync(host, ColorScheme.Light);
        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause budget sales", Exact = true }).ClickAsync();
        await page.Page.GetByLabel("Reason").FillAsync("The provider has an outage: see its status page");
        await LookAsync(page, "pausing-light");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await LookAsync(page, "pausing-dark");
        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause budget", Exact = true }).ClickAsync();

        await Assertions.Expect(page.Page.Locator("[data-budget='sales'] .note")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator(".banner.warning")).ToContainTextAsync("paused by hand");
        await LookAsync(page, "paused-dark");
        await page.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await LookAsync(page, "paused-light");
    }

    [BrowserFact]
    public async Task Many_budgets_agents_and_alerts_leave_no_hole_either()
    {
        await using var host = await DashboardHost.StartAsync();
        for (var index = 1; index <= 40; index++)
        {
            await host.SpendAsync($"tenants/tenant:customer-{index}", 1.17m * index, limit: 50, agent: $"Agent{index}");
            await host.AskAsync($"Agent{index}", "Ask", 10 * index, 5);
        }

        await using var page = await OpenAsync(host, ColorScheme.Light);
        await page.ShowsAsync("costs.totalUsd", 959.4m);
        await LookAsync(page, "many-light");
        await Assertions.Expect(page.Page.Locator("[data-agent]")).ToHaveCountAsync(30);
        await Assertions.Expect(page.Page.GetByText("50 more, less costly.")).ToBeVisibleAsync();

        var agents = page.Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Agents and models today" }).First;
        await agents.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show all" }).PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("[data-agent]")).ToHaveCountAsync(80);
        await agents.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show fewer" }).PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("[data-agent]")).ToHaveCountAsync(30);
    }

    private async Task<DashboardPage> OpenAsync(DashboardHost host, ColorScheme scheme)
    {
        var page = await browser.OpenAsync(host, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        await page.LiveAsync();
        return page;
    }

    private static async Task LookAsync(DashboardPage page, string name)
    {
        foreach (var (screen, width, height) in Screens)
        {
            await page.Page.SetViewportSizeAsync(width, height);
            await Assertions.Expect(page.Page.Locator($".band.{screen}").First).ToBeVisibleAsync();
            if (Folder is not null)
                await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}-{screen}.png"), FullPage = true });
            (await PageLook.MisplacedAsync(page.Page)).ShouldBeEmpty($"{name} on {screen}");
            (await PageLook.FaintAsync(page.Page)).ShouldBeEmpty($"{name} on {screen}");
        }
    }
}
