using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>Names come from code, from providers and from tenants: on the page they are text, whatever they hold.</summary>
[Collection(BrowserTests.Name)]
public sealed class HostileNamesTests(Browser browser)
{
    // As many as a host keeps alerts.
    private const int AtATime = 100;

    [BrowserFact]
    public async Task Names_of_agents_models_and_tenants_stay_text()
    {
        HostileNames.All.Distinct().Count().ShouldBe(300);
        var shown = 0;
        foreach (var names in HostileNames.All.Chunk(AtATime))
        {
            await using var host = await DashboardHost.StartAsync();
            foreach (var name in names)
            {
                // One threshold, so one alert each.
                await host.SpendAsync("tenants/tenant:" + name, 6, agent: name, model: name, tenant: name);
                await host.AskAsync(name, name, 100, 10, model: name);
            }

            await using var page = await browser.OpenAsync(host);
            var more = page.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show all" });
            await Assertions.Expect(more).ToHaveCountAsync(3);
            for (var list = 0; list < 3; list++)
                await more.First.ClickAsync();
            // Each tenant's, and each agent's own.
            await Assertions.Expect(page.Page.Locator("[data-budget]")).ToHaveCountAsync(2 * names.Length);
            await Assertions.Expect(page.Page.Locator("[data-agent]")).ToHaveCountAsync(names.Length);
            await Assertions.Expect(page.Page.Locator("[data-method]")).ToHaveCountAsync(names.Length);
            await Assertions.Expect(page.Page.Locator("[data-alert]")).ToHaveCountAsync(names.Length);
            var agents = await TextsAsync(page.Page, "tbody th");
            var models = await TextsAsync(page.Page, "tbody td:nth-child(2)");
            var budgets = await TextsAsync(page.Page, "[data-budget] .name");
            var methods = await TextsAsync(page.Page, "[data-method] .name");
            var alerts = await TextsAsync(page.Page, "[data-alert] .text");
            foreach (var name in names)
            {
                agents.ShouldContain(name);
                models.ShouldContain(name);
                budgets.ShouldContain("tenants/tenant:" + name);
                methods.ShouldContain($"{name}.{name}");
                alerts.ShouldContain(text => text.Contains(name, StringComparison.Ordinal), name);
                shown++;
            }

            // Whatever markup a name holds, none of it became an element.
            (await page.Page.Locator("#app :is(script, img, iframe, object, style, link, meta, base, video, template, math, details)").CountAsync()).ShouldBe(0);
        }

        shown.ShouldBe(300);
    }

    private static async Task<string[]> TextsAsync(IPage page, string selector) =>
        await page.Locator(selector).EvaluateAllAsync<string[]>("elements => elements.map(element => element.textContent)");
}
