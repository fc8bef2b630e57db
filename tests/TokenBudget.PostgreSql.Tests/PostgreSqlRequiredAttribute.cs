using TokenBudget.Conformance;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>The tests of the class need the server's programs.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PostgreSqlRequiredAttribute : RequirementAttribute
{
    public override string? Missing => PostgreSqlCluster.Binaries is null
        ? "needs the programs of a PostgreSQL server (Debian: apt-get install postgresql), in /usr/lib/postgresql/*/bin or on PATH"
        : null;
}
