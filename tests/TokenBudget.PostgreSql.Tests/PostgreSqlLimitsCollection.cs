namespace TokenBudget.PostgreSql.Tests;

/// <summary>A second server for limits, budgets and clocks, whose tests mostly wait: they run beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlLimitsCollection : ICollectionFixture<PostgreSqlCluster>
{
    public const string Name = "PostgreSQL limits";
}
