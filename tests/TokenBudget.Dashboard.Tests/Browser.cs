using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>The Chromium that is installed on this machine, headless; one for all tests of a class.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <summary>Where it is; <c>CHROMIUM</c> names another one. None, where none is.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Path is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A page with nothing of another one's. Whatever it asks of another place fails the test that closes it.</summary>
    public async Task<DashboardPage> OpenAsync(DashboardHost host, BrowserNewContextOptions? options = null, string prefix = "")
    {
        var context = await _browser.NewContextAsync(options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(20_000);
        return await DashboardPage.OpenAsync(context, host, prefix);
    }

    public async Task DisposeAsync()
    {
        if (Path is null)
            return;
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
