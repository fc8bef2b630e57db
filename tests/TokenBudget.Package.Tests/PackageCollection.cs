namespace TokenBudget.Package.Tests;

/// <summary>Tests that share one feed; packing is what takes the time.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackedFeed>
{
    public const string Name = "package";
}
