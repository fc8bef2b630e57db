using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

public sealed class RecentQuantileTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(100_000)]
    public void It_is_the_quantile_of_the_last_values_however_often_they_repeat(int different)
    {
        var random = new Random(different);
        var quantile = new RecentQuantile();
        var values = new List<double>();
        for (var step = 0; step < 3 * RecentQuantile.Memory; step++)
        {
            values.Add(random.Next(different) / 7d);
            quantile.Add(values[^1]);

            double[] sorted = [.. values.TakeLast(RecentQuantile.Memory).Order()];
            quantile.Count.ShouldBe(sorted.Length);
            quantile.Value.ShouldBe(sorted[(((99 * sorted.Length) + 99) / 100) - 1]);
        }
    }
}
