namespace TokenBudget.Dashboard.Tests;

/// <summary>All tests share one browser, and have it alone.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
