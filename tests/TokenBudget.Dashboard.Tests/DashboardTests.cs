using System.Text.Json;
using Microsoft.Playwright;
using TokenBudget.Costs;

namespace TokenBudget.Dashboard.Tests;

[Collection(BrowserTests.Name)]
public sealed class DashboardTests(Browser browser)
{
    [BrowserFact]
    public async Task Numbers_on_the_page_are_those_of_the_api()
    {
        await using var host = await FilledAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();
        await page.ShowsAsync("costs.totalUsd", 9.82m);

        var api = await host.GetAsync("/api/metrics");
        var costs = api.GetProperty("costs");
        var cache = api.GetProperty("cache");
        var limit = api.GetProperty("tokens").GetProperty("rateLimits")[0];

        (await page.NumbersAsync("agent.costUsd")).ShouldBe(
            costs.GetProperty("agents").EnumerateArray().Select(static row => row.GetProperty("costUsd").GetDouble()).OrderDescending());
        (await page.NumbersAsync("agent.requests")).Sum().ShouldBe(api.GetProperty("tokens").GetProperty("requests").GetDouble());
        (await page.NumbersAsync("budget.settledUsd")).Order().ShouldBe(
            costs.GetProperty("budgets").EnumerateArray().Select(static budget => budget.GetProperty("settledUsd").GetDouble()).Order());
        foreach (var name in (string[])["hitRate", "entries", "bytes", "misses", "avoidedUsd"])
            await ShowsAsync("cache." + name, cache.GetProperty(name));
        await ShowsAsync("limit.input", limit.GetProperty("inputTokens"));
        await ShowsAsync("limit.output", limit.GetProperty("outputTokens"));
        await ShowsAsync("limit.waiting", limit.GetProperty("waiting"));
        await page.ShowsAsync("cache.hitRate", "67 %");
        await page.ShowsAsync("costs.totalUsd", "$9.82");
        await Assertions.Expect(page.Page.Locator("[data-method='SupportAgent.Chat']")).ToContainTextAsync("12,000 of 20K");
        // 1.20 of 1.50 is 80 %, and looks it.
        await Assertions.Expect(page.Page.Locator("[data-budget='tenants/tenant:acme'] .meter.high")).ToHaveCountAsync(1);
        (await page.Page.ContentAsync()).ShouldNotContain("canary");

        async Task ShowsAsync(string metric, JsonElement value) => (await page.NumbersAsync(metric))[0].ShouldBe(value.GetDouble(), metric);
    }

    [BrowserFact]
    public async Task The_cache_is_cleared_after_being_asked_twice()
    {
        await using var host = await FilledAsync();
        await using var page = await browser.OpenAsync(host);
        await page.ShowsAsync("cache.entries", 40);

        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Clear cache" }).ClickAsync();
        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(40);
        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Forget 40 answers" }).ClickAsync();

        await page.ShowsAsync("cache.entries", 0);
        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(0);
        await Assertions.Expect(page.Page.GetByText("40 answers forgotten.")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task What_a_page_sends_without_the_header_changes_nothing()
    {
        await using var host = await FilledAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();

        page.MayBeRefused = true;
        var statuses = await page.Page.EvaluateAsync<int[]>("""
            Promise.all([
                fetch('api/cache/clear', { method: 'POST' }),
                fetch('api/cache/clear', { method: 'POST', body: new URLSearchParams({ a: 'b' }) }),
                fetch('api/budgets/support/resume', { method: 'POST' }),
                fetch('api/cache/clear', { method: 'POST', headers: { 'x-tokenbudget': '1' } }),
            ].map(answer => answer.then(it => it.status)))
            """);

        statuses[..3].ShouldBe([403, 403, 403]);
        statuses[3].ShouldBe(200);
    }

    [BrowserFact]
    public async Task A_paused_budget_is_shown_and_goes_on_from_the_page()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("support", 9.5m);
        await Should.ThrowAsync<BudgetPausedException>(() => host.SpendAsync("support", 1, atLimit: AtLimit.Pause));
        await using var page = await browser.OpenAsync(host);
        await Assertions.Expect(page.Page.Locator("[data-budget='support'] .badge.critical")).ToHaveTextAsync("paused");

        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Resume with $1.00 more" }).ClickAsync();

        await Assertions.Expect(page.Page.Locator("[data-budget='support'] .badge.critical")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Page.Locator("[data-budget='support']")).ToBeFocusedAsync();
        await Assertions.Expect(page.Page.GetByText("support goes on.", new PageGetByTextOptions { Exact = true })).ToHaveCountAsync(1);
        await host.SpendAsync("support", 1, atLimit: AtLimit.Pause);
        await Assertions.Expect(page.Page.Locator("[data-alert]").First).ToContainTextAsync("Budget support has spent $10.50");
    }

    [BrowserFact]
    public async Task Without_a_socket_it_asks_and_with_one_again_it_listens()
    {
        // An address of this machine's own that nobody else uses: its port is not given away while the host is down.
        var first = await DashboardHost.StartAsync(new Uri(OperatingSystem.IsMacOS() ? "http://127.0.0.1:0" : "http://127.0.0.2:0"));
        var address = first.Address;
        await using var page = await browser.OpenAsync(first);
        page.MayBeRefused = true;
        await page.LiveAsync();

        await first.DisposeAsync();
        await page.ShowsAsync("connection", "no connection");

        await using var second = await DashboardHost.StartAsync(address);
        await second.SpendAsync("later", 6);
        await page.LiveAsync();
        await page.ShowsAsync("costs.totalUsd", 6);
        await Assertions.Expect(page.Page.Locator("[data-alert]")).ToContainTextAsync("Budget later");
    }

    [BrowserFact]
    public async Task Where_sockets_are_refused_it_asks_every_ten_seconds()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host, prepare: static async page =>
        {
            await page.RouteWebSocketAsync("**/api/alerts*", static socket => _ = socket.CloseAsync());
            await page.Clock.InstallAsync();
        });
        page.MayBeRefused = true;
        await page.ShowsAsync("connection", "every 10 s");
        await page.ShowsAsync("costs.totalUsd", 0);

        await host.SpendAsync("support", 6);
        await page.Page.Clock.RunForAsync(10_000);
        await page.ShowsAsync("costs.totalUsd", 6);

        await Assertions.Expect(page.Page.Locator("[data-alert]")).ToContainTextAsync("50 %");
    }

    [BrowserFact]
    public async Task It_works_under_a_prefix_in_the_dark_and_on_a_phone()
    {
        await using var host = await DashboardHost.StartAsync(prefix: "/ops");
        await host.SpendAsync(new string('n', 300), 6, agent: new string('a', 300));
        await using var page = await browser.OpenAsync(
            host, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 390, Height = 844 }, ColorScheme = ColorScheme.Dark, IsMobile = true, HasTouch = true }, "/ops");
        await page.LiveAsync();
        await page.ShowsAsync("costs.totalUsd", 6);

        (await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390, "nothing is wider than the phone");
        await Assertions.Expect(page.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(14, 17, 22)");
        await page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Colours: auto. Change" }).ClickAsync();
        await Assertions.Expect(page.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(244, 245, 247)");
    }

    [BrowserFact]
    public async Task It_can_be_used_with_the_keyboard_and_read_aloud()
    {
        await using var host = await FilledAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();
        await page.ShowsAsync("cache.entries", 40);

        await page.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Page.Locator(".skip")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        for (var step = 0; step < 30 && await page.Page.EvaluateAsync<string>("document.activeElement.textContent") != "Clear cache"; step++)
            await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Forget 40 answers" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Clear cache" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Forget 40 answers" })).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await page.ShowsAsync("cache.entries", 0);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Clear cache" })).ToBeFocusedAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Clear cache" })).ToHaveCSSAsync("outline-style", "solid");

        // What is read aloud when it changes holds no clock: it would be read every second.
        foreach (var live in await page.Page.Locator("[role=status], [role=alert], [aria-live]").AllInnerTextsAsync())
            live.ShouldNotMatch("\\d:\\d\\d");

        // What has no words of its own has a name.
        (await page.Page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("[role=meter], [role=img], button, select, section, svg:not([aria-hidden])")]
                .filter(element => !(element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.textContent.trim()))
                .map(element => element.outerHTML.slice(0, 80))
            """)).ShouldBeEmpty();
        (await page.Page.Locator("[role=meter]").First.GetAttributeAsync("aria-valuetext")).ShouldNotBeNullOrEmpty();
        (await page.Page.Locator("h1").CountAsync()).ShouldBe(1);
        (await page.Page.Locator("th:not([scope])").CountAsync()).ShouldBe(0);
    }

    [BrowserFact]
    public async Task A_threshold_is_not_called_reached_before_it_is()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("nearly", 7.96m);
        await host.SpendAsync("reached", 8);
        await using var page = await browser.OpenAsync(host);

        await Assertions.Expect(page.Page.Locator("[data-budget='nearly']")).ToContainTextAsync("79 % spent");
        await Assertions.Expect(page.Page.Locator("[data-budget='nearly'] .meter.normal")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Page.Locator("[data-budget='reached']")).ToContainTextAsync("80 % spent");
        await Assertions.Expect(page.Page.Locator("[data-budget='reached'] .meter.high")).ToHaveCountAsync(1);
    }

    internal static async Task<DashboardHost> FilledAsync()
    {
        var host = await DashboardHost.StartAsync();
        await host.AskAsync("SupportAgent", "Chat", 12_000, 800);
        await host.AskAsync("SalesAgent", "Ask", 3_400, 500);
        await host.SpendAsync("support", 6.4m);
        await host.SpendAsync("support", 0.02m, model: "claude-haiku-4-5");
        await host.SpendAsync("sales", 2.2m, limit: 25, agent: "SalesAgent");
        await host.SpendAsync("tenants/tenant:acme", 1.2m, limit: 1.5m, agent: "SupportAgent", tenant: "acme");
        await host.FillCacheAsync(40);
        return host;
    }
}
