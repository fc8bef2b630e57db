namespace TokenBudget.PostgreSql.Tests;

/// <summary>One server for all tests of the run that leave it alone.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlCollection : ICollectionFixture<PostgreSqlCluster>
{
    public const string Name = "PostgreSQL";
}
