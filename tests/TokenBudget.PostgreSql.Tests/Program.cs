using System.Globalization;
using TokenBudget.Conformance;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What tests run in processes of their own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["share", var database, var skew]:
                await using (var store = await PostgreSqlStore.OpenAsync(database))
                    await SharingProcess.RunAsync(store, TimeSpan.FromSeconds(int.Parse(skew, CultureInfo.InvariantCulture)));
                return 0;
            default:
                return 2;
        }
    }
}
