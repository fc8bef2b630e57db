using Microsoft.Playwright;
using TokenBudget.Costs;

namespace TokenBudget.Dashboard.Tests;

/// <summary>What raises the banner, and what takes it away.</summary>
[Collection(BrowserTests.Name)]
public sealed class AlarmTests(Browser browser)
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
        await Assertions.Expect(page.Page.Locator(Banner)).ToHaveCountAsync(0);

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
        var at = (await host.GetAsync("/api/alerts")).GetProperty("alerts")[0].GetProperty("at").GetDateTimeOffset();
        await using var page = await browser.OpenAsync(host, prepare: static async page =>
        {
            await page.RouteAsync("**/api/metrics", static async route =>
            {
                var answer = await route.FetchAsync();
                await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = (await answer.TextAsync()).Replace("{\"at\":\"2", "{\"at\":\"3", StringComparison.Ordinal) });
            });
            await page.RouteWebSocketAsync("**/api/alerts*", static socket => _ = socket.CloseAsync());
        });
        page.MayBeRefused = true;

        await Assertions.Expect(page.Page.Locator("[data-alert] time")).ToContainTextAsync(at.ToLocalTime().ToString("d MMM", System.Globalization.CultureInfo.InvariantCulture));
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
        await Assertions.Expect(page.Page).ToHaveTitleAsync("$4.00 today · TokenBudget");
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
        await Assertions.Expect(page.Page.Locator("#main")).ToBeFocusedAsync();
        // Numbers that came afterwards.
        await host.AskAsync("SupportAgent", "Chat", 10, 10);
        await Assertions.Expect(page.Page.Locator("[data-model='m']")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Page.Locator(Banner)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task What_was_missed_while_the_connection_was_broken_is_news()
    {
        await using var host = await DashboardHost.StartAsync();
        IWebSocketRoute? socket = null;
        var isBroken = false;
        await using var page = await browser.OpenAsync(host, prepare: page => page.RouteWebSocketAsync("**/api/alerts*", route =>
        {
            // Being offline ends what is asked for, and not what is pushed.
            if (Volatile.Read(ref isBroken))
                _ = route.CloseAsync();
            else
                _ = (socket = route).ConnectToServer();
        }));
        page.MayBeRefused = true;
        await page.LiveAsync();

        Volatile.Write(ref isBroken, true);
        await page.Page.Context.SetOfflineAsync(true);
        await socket!.CloseAsync();
        await page.ShowsAsync("connection", "no connection");
        await host.SpendAsync("missed", 8.5m);
        await Assertions.Expect(page.Page.Locator("[data-alert]")).ToHaveCountAsync(0);
        await page.Page.Context.SetOfflineAsync(false);
        Volatile.Write(ref isBroken, false);

        await Assertions.Expect(page.Page.Locator(Banner)).ToContainTextAsync("Budget missed has spent $8.50");
    }

    [BrowserFact]
    public async Task What_was_asked_for_before_the_socket_was_there_is_no_news_when_it_comes()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("earlier", 9.5m);
        var (socket, asked, answer) = (New<IWebSocketRoute>(), New<bool>(), New<bool>());
        await using var page = await browser.OpenAsync(host, prepare: async page =>
        {
            await page.Clock.InstallAsync();
            // A socket that says nothing until it is told to.
            await page.RouteWebSocketAsync("**/api/alerts*", route => socket.TrySetResult(route));
            await page.RouteAsync("**/api/alerts*", async route =>
            {
                asked.TrySetResult(true);
                await answer.Task;
                await route.ContinueAsync();
            });
        });
        var pushing = await socket.Task;
        await page.Page.Clock.RunForAsync(10_000);
        await asked.Task;

        pushing.Send("""{"v":1,"type":"hello","heartbeatSeconds":15,"replayed":3}""");
        await page.LiveAsync();
        answer.SetResult(true);

        await Assertions.Expect(page.Page.Locator("[data-alert]")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Page.Locator(".alerts li").First).ToHaveTextAsync("Before this page was opened");
        await Assertions.Expect(page.Page.Locator(Banner)).ToHaveCountAsync(0);

        static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
