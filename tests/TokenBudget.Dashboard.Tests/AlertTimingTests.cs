using System.Diagnostics;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace TokenBudget.Dashboard.Tests;

/// <summary>How soon an alert is on the page: pushed, not fetched, and within a second.</summary>
[Collection(BrowserTests.Name)]
public sealed class AlertTimingTests(Browser browser, ITestOutputHelper output)
{
    [BrowserFact]
    public async Task An_alert_needs_no_timer_of_the_page()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host, prepare: static page => page.AddInitScriptAsync("""
            window.held = 0;
            for (const name of ['setTimeout', 'setInterval']) {
                const set = window[name];
                window[name] = (run, ...rest) => set(() => window.areHeld ? window.held++ : run(), ...rest);
            }
            """));
        await page.LiveAsync();
        await page.ShowsAsync("costs.totalUsd", 0);
        // From here on no timer of the page fires, and it asks for nothing: what appears was pushed.
        await page.Page.EvaluateAsync("window.areHeld = true");
        await page.Page.WaitForFunctionAsync("() => window.held > 0");
        var asked = 0;
        page.Page.Request += (_, _) => Interlocked.Increment(ref asked);

        await host.SpendAsync("support", 8.5m);

        await Assertions.Expect(page.Page.Locator("[data-alert] .text").First).ToHaveTextAsync("Budget support has spent $8.50: 80 % of its limit of $10.00 is reached.");
        await Assertions.Expect(page.Page.Locator("[data-metric='banner']")).ToContainTextAsync("Budget support has spent $8.50");
        asked.ShouldBe(0);
    }

    [BrowserFact]
    public async Task Every_alert_is_on_the_page_within_a_second_of_its_event()
    {
        await using var host = await DashboardHost.StartAsync();
        await using var page = await browser.OpenAsync(host);
        await page.LiveAsync();
        // The page tells when an alert was there, by the clock its event was stamped with: both run on this machine. What the machine itself was late meanwhile, in the page and here, is
        // not the way's fault: two heartbeats tell how much, all in all, because the way has several stations and each may have had to wait.
        await page.Page.EvaluateAsync("""
            shift => {
                window.delays = {};
                window.lateness = 0;
                let last = performance.now();
                setInterval(() => { const now = performance.now(); window.lateness += Math.max(0, now - last - 20); last = now; }, 20);
                new MutationObserver(() => document.querySelectorAll('[data-alert]').forEach(alert => window.delays[alert.dataset.alert] ??= Date.now() + shift - Date.parse(alert.querySelector('time').dateTime)))
                    .observe(document.body, { childList: true, subtree: true });
            }
            """, DashboardHost.Clock.Shift.TotalMilliseconds);
        var hereLate = 0d;
        using var stop = new CancellationTokenSource();
        var heartbeat = Task.Run(async () =>
        {
            var last = Stopwatch.GetTimestamp();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync())
            {
                hereLate += Math.Max(0, Stopwatch.GetElapsedTime(last).TotalMilliseconds - 20);
                last = Stopwatch.GetTimestamp();
            }
        });
        const int Alerts = 10;
        for (var alert = 1; alert <= Alerts; alert++)
        {
            await host.SpendAsync($"support{alert}", 6);
            await Assertions.Expect(page.Page.Locator("[data-alert]")).ToHaveCountAsync(alert);
        }

        await stop.CancelAsync();
        await heartbeat;
        var delays = await page.Page.EvaluateAsync<double[]>("Object.values(window.delays)");
        var pageLate = await page.Page.EvaluateAsync<double>("window.lateness");
        output.WriteLine($"from event to page, ms: {string.Join(", ", delays)}; the machine was late by {pageLate:0} ms in the page and {hereLate:0} ms here, all in all");

        delays.Length.ShouldBe(Alerts);
        delays.ShouldAllBe(delay => delay < 1_000 + pageLate + hereLate);
    }
}
