namespace TokenBudget.PostgreSql.Tests;

/// <summary>A server of their own for the tests that kill and stop it and measure how long that takes: they run alone, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PostgreSqlOutageCollection : ICollectionFixture<PostgreSqlCluster>
{
    public const string Name = "PostgreSQL outages";
}
