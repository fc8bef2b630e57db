using TokenBudget.Models;

namespace TokenBudget.Tests.Models;

/// <summary>Prices that are published and well known, as the catalogue of the package must have them.</summary>
public sealed class ModelCatalogueDefaultTests
{
    private static readonly DateTimeOffset Late2026 = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Claude_Sonnet_4_5_has_cache_prices_and_a_tier_above_200000_tokens()
    {
        var model = ModelCatalogue.Default.Get("claude-sonnet-4-5");
        var prices = model.PricesAt(Late2026);

        model.Provider.ShouldBe("anthropic");
        model.MinCacheableTokens.ShouldBe(1024);
        prices.RatesFor(200_000).ShouldBe(Rates(3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000));
        prices.RatesFor(200_001).ShouldBe(Rates(6_000_000, 22_500_000, 600_000, 7_500_000, 12_000_000));
    }

    [Fact]
    public void Claude_Sonnet_5_rose_on_the_first_of_September_2026()
    {
        var model = ModelCatalogue.Default.Get("claude-sonnet-5");
        var rise = new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero);

        model.PricesAt(rise.AddTicks(-1)).Rates.ShouldBe(Rates(2_000_000, 10_000_000, 200_000, 2_500_000, 4_000_000));
        model.PricesAt(rise).Rates.ShouldBe(Rates(3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000));
    }

    [Fact]
    public void Gpt_4o_reads_its_cache_at_half_price_and_does_not_bill_writes_apart() =>
        ModelCatalogue.Default.Get("gpt-4o").PricesAt(Late2026).Rates.ShouldBe(Rates(2_500_000, 10_000_000, 1_250_000, 2_500_000, 2_500_000));

    [Fact]
    public void A_price_that_depends_on_the_hour_is_the_dearer_one() =>
        ModelCatalogue.Default.Get("deepseek-reasoner").PricesAt(Late2026).Rates.Output.ShouldBe(2_190_000);

    [Fact]
    public void No_model_is_priced_at_nothing_and_none_reads_its_cache_dearer_than_it_reads_fresh()
    {
        foreach (var model in ModelCatalogue.Default.Models)
        {
            foreach (var rates in model.Prices.SelectMany(price => price.Tiers.Select(tier => tier.Rates).Prepend(price.Rates)))
            {
                rates.Input.ShouldBeGreaterThan(0, model.Id);
                rates.CacheRead.ShouldBeLessThanOrEqualTo(rates.Input, model.Id);
                rates.CacheWrite5Minutes.ShouldBeGreaterThanOrEqualTo(rates.Input, model.Id);
                rates.CacheWrite1Hour.ShouldBeGreaterThanOrEqualTo(rates.CacheWrite5Minutes, model.Id);
            }
        }
    }

    private static TokenRates Rates(long input, long output, long read, long write, long write1Hour) => new()
    {
        Input = input,
        Output = output,
        CacheRead = read,
        CacheWrite5Minutes = write,
        CacheWrite1Hour = write1Hour,
        Reasoning = output,
    };
}
