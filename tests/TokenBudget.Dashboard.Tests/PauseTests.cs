using Microsoft.Playwright;
using TokenBudget.Costs;
using TokenBudget.Sharing;

namespace TokenBudget.Dashboard.Tests;

/// <summary>A budget paused by hand from the page, with mouse and keyboard, and seen by others.</summary>
[Collection(BrowserTests.Name)]
public sealed class PauseTests(Browser browser)
{
    private const string Badge = "[data-budget='support'] .badge.warning";

    [BrowserFact]
    public async Task A_budget_is_paused_from_the_page_and_another_process_refuses_and_shows_it()
    {
        var (ledger, backplane) = (new InMemoryLedger(), new InMemoryBackplane());
        await using var host = await DashboardHost.StartAsync(ledger: ledger, backplane: backplane);
        await using var another = await DashboardHost.StartAsync(ledger: ledger, backplane: backplane);
        await host.SpendAsync("support", 1);
        await another.SpendAsync("support", 1);
        await using var page = await browser.OpenAsync(host);
        await using var seen = await browser.OpenAsync(another);
        await seen.LiveAsync();

        await Button(page, "Pause budget support").ClickAsync();
        await page.Page.GetByLabel("Reason").FillAsync("the provider is down");
        await page.Page.RunAndWaitForResponseAsync(() => Button(page, "Pause budget", isExact: true).ClickAsync(), static answer => answer.Url.Contains("/pause", StringComparison.Ordinal));

        foreach (var one in (DashboardPage[])[page, seen])
        {
            await Assertions.Expect(one.Page.Locator(Badge)).ToHaveTextAsync("paused by hand");
            await Assertions.Expect(one.Page.Locator(".tile").First).ToContainTextAsync("1 budget paused");
            await Assertions.Expect(one.Page.Locator("[data-budget='support'] .note")).ToContainTextAsync("“the provider is down”");
            await Assertions.Expect(one.Page.Locator("[data-alert]").First).ToContainTextAsync("Budget support was paused by hand: “the provider is down”.");
        }

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(page.Page.Locator("[data-budget='support']")).ToBeFocusedAsync();
        await Assertions.Expect(page.Page.GetByText("support is paused.", new PageGetByTextOptions { Exact = true })).ToHaveCountAsync(1);
        foreach (var process in (DashboardHost[])[host, another])
            (await Should.ThrowAsync<BudgetPausedException>(() => process.SpendAsync("support", 1))).Status.PausedByHand!.Reason.ShouldBe("the provider is down");

        await Button(seen, "Resume", isExact: true).ClickAsync();
        foreach (var one in (DashboardPage[])[page, seen])
            await Assertions.Expect(one.Page.Locator(Badge)).ToHaveCountAsync(0);
        await host.SpendAsync("support", 1);
    }

    [BrowserFact]
    public async Task It_asks_first_with_the_keyboard_too_and_while_it_runs_it_cannot_be_pressed_again()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("support", 1);
        await using var page = await browser.OpenAsync(host);
        var asked = 0;
        var (arrived, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.Page.RouteAsync("**/pause*", async route =>
        {
            asked++;
            arrived.TrySetResult();
            await answer.Task;
            await route.ContinueAsync();
        });

        var open = Button(page, "Pause budget support");
        await open.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog, new PageGetByRoleOptions { Name = "Pause support?" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByLabel("Reason")).ToBeFocusedAsync();
        // Nothing behind it can be reached.
        for (var step = 0; step < 6; step++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            (await page.Page.EvaluateAsync<bool>("document.activeElement === document.body || document.activeElement.closest('dialog') !== null")).ShouldBeTrue();
        }

        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(open).ToBeFocusedAsync();
        (asked, host.Runtime.Costs.GetStatus()[0].IsPaused).ShouldBe((0, false));

        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByLabel("Reason")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        var button = Button(page, "Pausing…");
        await Assertions.Expect(button).ToBeDisabledAsync();
        await button.DispatchEventAsync("click");
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        answer.SetResult();

        await Assertions.Expect(page.Page.Locator(Badge)).ToHaveCountAsync(1);
        asked.ShouldBe(1);
        host.Runtime.Costs.GetStatus()[0].PausedByHand.ShouldNotBeNull().Reason.ShouldBeNull();
    }

    [BrowserFact]
    public async Task What_the_host_refuses_is_said_in_the_dialog_and_without_the_header_nothing_is_paused()
    {
        await using var host = await DashboardHost.StartAsync();
        await host.SpendAsync("support", 1);
        await using var page = await browser.OpenAsync(host);
        page.MayBeRefused = true;
        (await page.Page.EvaluateAsync<int[]>("""
            Promise.all([
                fetch('api/budgets/support/pause', { method: 'POST' }),
                fetch('api/budgets/support/pause', { method: 'POST', body: new URLSearchParams({ reason: 'b' }) }),
                fetch('api/budgets/support/pause', { headers: { 'x-tokenbudget': '1' } }),
            ].map(answer => answer.then(it => it.status)))
            """)).ShouldBe([403, 403, 405]);
        host.Runtime.Costs.GetStatus()[0].IsPaused.ShouldBeFalse();

        await page.Page.RouteAsync("**/pause*", static route => route.FulfillAsync(new RouteFulfillOptions { Status = 403, Body = """{"detail":"not you"}""", ContentType = "application/problem+json" }));
        await Button(page, "Pause budget support").ClickAsync();
        await Button(page, "Pause budget", isExact: true).ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToHaveTextAsync("not you");
        await Assertions.Expect(page.Page.GetByLabel("Reason")).ToBeFocusedAsync();
        await Assertions.Expect(Button(page, "Pause budget", isExact: true)).ToBeEnabledAsync();
    }

    private static ILocator Button(DashboardPage page, string name, bool isExact = false) =>
        page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = isExact });
}
