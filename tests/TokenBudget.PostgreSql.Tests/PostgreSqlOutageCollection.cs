namespace TokenBudget.PostgreSql.Tests;

/// <summary>A server of their own for the tests that kill and stop it, and mostly wait: they run beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class PostgreSqlOutageCollection : ICollectionFixture<PostgreSqlCluster>
{
    public const string Name = "PostgreSQL outages";
}
