using Microsoft.Playwright;

namespace TokenBudget.Dashboard.Tests;

/// <summary>The Chromium that is installed on this machine, headless; one for all tests, which run one after the other.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Places =
    [
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ];

    /// <summary>How long anything is waited for, which only a test does that fails: a machine may be busy with something else.</summary>
    public const int PatienceMilliseconds = 60_000;

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <summary>Where it is; <c>CHROMIUM</c> names another one. None, where none is.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named : Places.FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        if (Path is null)
            return;
        Assertions.SetDefaultExpectTimeout(PatienceMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Headless = true,
            Timeout = 3 * PatienceMilliseconds,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    /// <summary>A page with nothing of another one's. Whatever it asks of another place fails the test that closes it.</summary>
    /// <param name="host">What it shows.</param>
    /// <param name="options">Its window.</param>
    /// <param name="prefix">Where the dashboard is.</param>
    /// <param name="prepare">What is done before anything is loaded.</param>
    public async Task<DashboardPage> OpenAsync(DashboardHost host, BrowserNewContextOptions? options = null, string prefix = "", Func<IPage, Task>? prepare = null)
    {
        var context = await _browser.NewContextAsync(options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(PatienceMilliseconds);
        return await DashboardPage.OpenAsync(context, host, prefix, prepare);
    }

    public async Task DisposeAsync()
    {
        if (Path is null)
            return;
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
