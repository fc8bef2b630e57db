using System.Globalization;
using TokenBudget.Costs;
using TokenBudget.Models;
using Xunit.Abstractions;

namespace TokenBudget.Tests.Costs;

/// <summary>Coding sessions whose cost was recorded call by call.</summary>
public sealed class RecordedCostTests(ITestOutputHelper output)
{
    [SharedDataFact]
    public void Recorded_sessions_cost_what_was_recorded()
    {
        decimal ours = 0, recorded = 0;
        var calls = 0;
        foreach (var fields in File.ReadLines(SharedData.File("usage/pi-sessions-usage.dev.csv")).Skip(1).Select(static line => line.Split(',')))
        {
            var usage = new TokenUsage { FreshInput = Number(fields[4]), Output = Number(fields[5]), CacheRead = Number(fields[6]), CacheWrite5Minutes = Number(fields[7]) };
            var at = DateTimeOffset.Parse(fields[1], CultureInfo.InvariantCulture);
            var cost = CostCalculator.CostOf(ModelCatalogue.Default.Get(fields[3]), usage, at).Dollars;
            var wanted = decimal.Parse(fields[8], NumberStyles.Float, CultureInfo.InvariantCulture);
            if (Math.Abs(cost - wanted) > 0.000_001m)
                output.WriteLine($"{fields[1]} {fields[3]}: {cost}, recorded {wanted}");
            ours += cost;
            recorded += wanted;
            calls++;
        }

        output.WriteLine($"{calls} calls: ${ours}, recorded ${recorded}, {(ours - recorded) / recorded:P4} apart");
        Math.Abs(ours - recorded).ShouldBeLessThanOrEqualTo(recorded / 1_000);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
