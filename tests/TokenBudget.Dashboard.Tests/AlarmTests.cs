using Microsoft.Playwright;
using TokenBudget.Costs;

namespace TokenBudget.Dashboard.Tests;

/// <summary>What raises the banner, and what takes it away.</summary>
public sealed class AlarmTests(Browser browser) : IClassFixture<Browser>
{
    private const string Banner = "[data-metric='banner']";

    [BrowserFact]
    public async Task What_happened_before_the_page_was_opened_is_told_as_such_and_raises_no_banner()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("earlier", 9.5m);
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();

        await Assertions.Expect(page.Page.Locator("[data-alert]")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Page.Locator(".alerts li").First).ToHaveTextAsync("Before this page was opened");
        (await page.Page.Locator(Banner).CountAsync()).ShouldBe(0);

        await host.SpendAsync("now", 9.5m);
        await Assertions.Expect(page.Page.Locator(Banner)).ToContainTextAsync("Budget now has spent $9.50");
        await Assertions.Expect(page.Page.Locator(Banner)).ToContainTextAsync("1 more");
        await Assertions.Expect(page.Page.Locator(".alerts li").Nth(3)).ToHaveTextAsync("Before this page was opened");
    }

    [BrowserFact]
    public async Task What_is_told_of_another_day_has_its_date()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("support", 6);
        await using var page = await browser.OpenAsync(host);
        await page.Page.RouteAsync("**/api/metrics", static async route =>
        {
            var answer = await route.FetchAsync();
            await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = (await answer.TextAsync()).Replace("{\"at\":\"2", "{\"at\":\"3", StringComparison.Ordinal) });
        });
        await page.Page.RouteWebSocketAsync("**/api/alerts*", static socket => _ = socket.CloseAsync());
        page.MayBeRefused = true;
        await page.Page.ReloadAsync();

        await Assertions.Expect(page.Page.Locator("[data-alert] time")).ToContainTextAsync(TimeProvider.System.GetLocalNow().ToString("d MMM", System.Globalization.CultureInfo.InvariantCulture));
    }

    [BrowserFact]
    public async Task A_banner_goes_when_what_it_tells_is_over()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("support", 4m);
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync("support", 7, atLimit: AtLimit.Pause));
        await Assertions.Expect(page.Page.Locator(Banner)).ToContainTextAsync("Budget support is paused");

        (await host.Runtime.Costs.ApproveAsync("support")).ShouldBeTrue();

        await Assertions.Expect(page.Page.Locator(Banner)).ToHaveCountAsync(0);
        await Assertions.Expect(page.Page.Locator("[data-alert]").Nth(1)).ToContainTextAsync("over");
        (await page.Page.TitleAsync()).ShouldStartWith("$4.00 today");
    }

    [BrowserFact]
    public async Task A_banner_is_read_aloud_dismissed_and_does_not_come_back()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();
        await host.SpendAsync("support", 8.5m);
        await Assertions.Expect(page.Page.Locator("p[role=status]").First).ToContainTextAsync("Budget support has spent $8.50");

        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Dismiss" }).PressAsync("Enter");

        await Assertions.Expect(page.Page.Locator(Banner)).ToHaveCountAsync(0);
        (await page.Page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("main");
        await host.AskAsync("SupportAgent", "Chat", 10, 10);
        await page.ShowsAsync("agent.requests", 1);
        (await page.Page.Locator(Banner).CountAsync()).ShouldBe(0);
    }

    [BrowserFact]
    public async Task What_was_missed_while_the_connection_was_broken_is_news()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host);
        page.MayBeRefused = true;
        IWebSocketRoute? socket = null;
        await page.Page.RouteWebSocketAsync("**/api/alerts*", route =>
        {
            socket = route;
            _ = route.ConnectToServer();
        });
        await page.Page.ReloadAsync();
        await page.LiveAsync();

        await page.Page.Context.SetOfflineAsync(true);
        await socket!.CloseAsync();
        await host.SpendAsync("missed", 8.5m);
        await page.ShowsAsync("connection", "no connection");
        (await page.Page.Locator("[data-alert]").CountAsync()).ShouldBe(0);
        await page.Page.Context.SetOfflineAsync(false);

        await Assertions.Expect(page.Page.Locator(Banner)).ToContainTextAsync("Budget missed has spent $8.50", new LocatorAssertionsToContainTextOptions { Timeout = 20_000 });
    }
}
