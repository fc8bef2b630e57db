using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>What one response cost, from the usage an adapter reports: taken apart and priced in pico-dollars, against the same sum of products in decimal dollars. At most 20 ns on a quiet machine.</summary>
internal static class CostPair
{
    public static RatioPair Create()
    {
        var model = ModelCatalogue.Default.Get("claude-sonnet-4-5");
        var at = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        var usage = new UsageDetails
        {
            InputTokenCount = 12_345,
            CachedInputTokenCount = 10_000,
            OutputTokenCount = 678,
            AdditionalCounts = new() { ["CacheCreationInputTokens"] = 2_000 },
        };
        var rates = model.PricesAt(at).Rates;
        decimal input = Dollars(rates.Input), read = Dollars(rates.CacheRead), write = Dollars(rates.CacheWrite5Minutes), output = Dollars(rates.Output);
        // Kept, so that neither side is left out as dead code.
        var (cost, dollars) = (0L, 0m);
        return new RatioPair(
            "cost of one response",
            "decimal dollars",
            0.5,
            () => cost = CostCalculator.CostOf(model, TokenUsage.From(usage)!.Value, at).PicoDollars,
            () => dollars = (345 * input) + (10_000 * read) + (2_000 * write) + (678 * output));

        static decimal Dollars(long picoDollars) => new Usd(picoDollars).Dollars;
    }
}
