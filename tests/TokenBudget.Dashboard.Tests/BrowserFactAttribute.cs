namespace TokenBudget.Dashboard.Tests;

/// <summary>A test in a real browser on the built dashboard; skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.Path is null)
            Skip = "Chromium is not installed; CHROMIUM names where it is.";
        else if (!DashboardHost.IsBuilt)
            Skip = "The dashboard is not built: Node.js was missing when TokenBudget.AspNetCore was compiled.";
    }
}
