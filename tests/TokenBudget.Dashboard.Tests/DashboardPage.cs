using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>The dashboard in a browser. Closing it fails if the page complained, was refused something by its own policy, ran a foreign script or asked anything of another place.</summary>
public sealed class DashboardPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private DashboardPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Whether the browser may complain that the host is gone or refuses something: some tests are about that.</summary>
    public bool MayBeRefused { get; set; }

    public static async Task<DashboardPage> OpenAsync(IBrowserContext context, DashboardHost host, string prefix, Func<IPage, Task>? prepare)
    {
        var page = await context.NewPageAsync();
        var dashboard = new DashboardPage(context, page);
        page.PageError += (_, error) => dashboard._complaints.Enqueue("error: " + error);
        page.Dialog += (_, dialog) => dashboard._complaints.Enqueue("a script ran: " + dialog.Message);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                dashboard._complaints.Enqueue("console: " + message.Text);
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not "data" } address && address.Authority != host.Address.Authority)
                dashboard._complaints.Enqueue("asked of another place: " + request.Url);
        };
        await page.AddInitScriptAsync("window.ran = 0; document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective));");
        if (prepare is not null)
            await prepare(page);
        await page.GotoAsync(new Uri(host.Address, prefix + "/tokenbudget").AbsoluteUri);
        return dashboard;
    }

    /// <summary>Waits until the page is pushed to.</summary>
    public Task LiveAsync() => ShowsAsync("connection", "live");

    /// <summary>Waits until the first element of a name shows a text.</summary>
    public Task ShowsAsync(string metric, string text) =>
        Assertions.Expect(Page.Locator($"[data-metric='{metric}']").First).ToHaveTextAsync(text);

    /// <summary>Waits until it shows a number, exactly.</summary>
    public Task ShowsAsync(string metric, decimal value) => Assertions.Expect(Page.Locator($"[data-metric='{metric}']").First)
        .ToHaveAttributeAsync("data-value", value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The numbers of a name, in the order of the page.</summary>
    public async Task<IReadOnlyList<double>> NumbersAsync(string metric, string within = "body")
    {
        var values = await Page.Locator($"{within} [data-metric='{metric}']").EvaluateAllAsync<string[]>("elements => elements.map(element => element.dataset.value)");
        return [.. values.Select(static value => double.Parse(value, CultureInfo.InvariantCulture))];
    }

    public async ValueTask DisposeAsync()
    {
        // What still waits for a handler of the test is not worth an error.
        await Page.UnrouteAllAsync(new PageUnrouteAllOptions { Behavior = UnrouteBehavior.IgnoreErrors });
        (await Page.EvaluateAsync<int>("window.ran")).ShouldBe(0, "a script of a name ran");
        await _context.CloseAsync();
        _complaints
            .Where(complaint => !MayBeRefused || !(complaint.StartsWith("console: Failed to load resource", StringComparison.Ordinal) || complaint.StartsWith("console: WebSocket connection", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }
}
