using Npgsql;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What a database says, asked beside the store.</summary>
internal static class LedgerSums
{
    /// <summary>What is taken of each budget is what the ledger says, to the last unit.</summary>
    public static async Task ShouldAddUpAsync(string database) =>
        (await NumberAsync(database, "SELECT COUNT(*) FROM tokenbudget.budgets AS b WHERE b.taken <> (SELECT COALESCE(SUM(cost), 0) FROM tokenbudget.ledger AS l WHERE l.at >= b.starts AND l.at < b.ends)")).ShouldBe(0);

    public static async Task<long> NumberAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
