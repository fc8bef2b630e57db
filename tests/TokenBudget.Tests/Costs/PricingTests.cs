#pragma warning disable MEAI001 // Experimental members count like all others.

using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Tests.Costs;

/// <summary>Money is exact, usage is taken apart, prices have tiers and dates.</summary>
public sealed class PricingTests
{
    private static readonly DateTimeOffset Today = new(2026, 1, 15, 0, 0, 0, TimeSpan.Zero);

    private static TokenRates Rates(long factor) => new()
    {
        Input = 3_000_000 * factor, Output = 15_000_000 * factor, CacheRead = 300_000 * factor,
        CacheWrite5Minutes = 3_750_000 * factor, CacheWrite1Hour = 6_000_000 * factor, Reasoning = 15_000_000 * factor,
    };

    private static readonly ModelInfo Model = new()
    {
        Id = "m",
        Provider = "anthropic",
        Prices =
        [
            new ModelPrices { From = Today.AddDays(-100), Rates = Rates(2) },
            new ModelPrices { From = Today.AddDays(-10), Rates = Rates(1), Tiers = [new PriceTier(200_000, Rates(3))] },
        ],
    };

    [Fact]
    public void Every_bucket_has_its_own_price()
    {
        var usage = new TokenUsage { FreshInput = 1, CacheRead = 10, CacheWrite5Minutes = 100, CacheWrite1Hour = 1_000, Output = 10_000, Reasoning = 100_000 };
        CostCalculator.CostOf(Model, usage, Today).ShouldBe(new Usd(
            3_000_000 + (10 * 300_000) + (100 * 3_750_000) + (1_000L * 6_000_000) + (110_000L * 15_000_000)));
    }

    [Fact]
    public void A_large_request_takes_its_tier_for_every_token()
    {
        var at = new TokenUsage { FreshInput = 100_000, CacheRead = 100_000 };
        var above = at with { CacheWrite5Minutes = 1 };
        CostCalculator.CostOf(Model, at, Today).ShouldBe(Usd.FromDollars(0.33m));
        CostCalculator.CostOf(Model, above, Today).ShouldBe(Usd.FromDollars(0.99m) + new Usd(3_750_000 * 3));
        CostCalculator.WorstCase(Model, 200_001, 0, Today).ShouldBe(new Usd(200_001L * 18_000_000));
    }

    [Fact]
    public void The_price_is_that_of_the_day()
    {
        var usage = new TokenUsage { Output = 1_000_000 };
        CostCalculator.CostOf(Model, usage, Today).Dollars.ShouldBe(15);
        CostCalculator.CostOf(Model, usage, Today.AddDays(-11)).Dollars.ShouldBe(30);
        CostCalculator.CostOf(Model, usage, Today.AddDays(-10)).Dollars.ShouldBe(15);
        Should.Throw<UnknownPriceException>(() => CostCalculator.CostOf(Model, usage, Today.AddDays(-101))).ModelId.ShouldBe("m");
        Should.Throw<UnknownPriceException>(() => CostCalculator.CostOf(Model with { Prices = [] }, usage, Today));
    }

    [Fact]
    public void The_worst_case_covers_every_way_a_request_may_be_billed()
    {
        var random = new Random(3);
        for (var sample = 0; sample < 1_000; sample++)
        {
            long input = random.Next(400_000), output = random.Next(10_000);
            long read = random.NextInt64(input + 1), write = random.NextInt64(input - read + 1), hour = random.NextInt64(write + 1), reasoning = random.NextInt64(output + 1);
            var usage = new TokenUsage
            {
                FreshInput = input - read - write, CacheRead = read, CacheWrite5Minutes = write - hour, CacheWrite1Hour = hour,
                Output = output - reasoning, Reasoning = reasoning,
            };
            CostCalculator.CostOf(Model, usage, Today).ShouldBeLessThanOrEqualTo(CostCalculator.WorstCase(Model, input, output, Today));
        }
    }

    [Fact]
    public void Audio_costs_what_is_said_of_it_and_otherwise_what_text_costs()
    {
        var usage = new TokenUsage { AudioInput = 1, AudioCacheRead = 10, AudioOutput = 100 };
        CostCalculator.CostOf(Model, usage, Today).ShouldBe(new Usd(3_000_000 + (10 * 300_000) + (100 * 15_000_000)));
        var model = Model with { Prices = [new ModelPrices { Rates = Rates(1) with { AudioInput = 9_000_000, AudioCacheRead = 0, AudioOutput = 40_000_000 } }] };
        CostCalculator.CostOf(model, usage, Today).ShouldBe(new Usd(9_000_000 + (100L * 40_000_000)));
        CostCalculator.WorstCase(model, 10, 10, Today).ShouldBe(new Usd((10L * 6_000_000) + (10 * 40_000_000)), "text alone is not billed as audio");
        CostCalculator.WorstCase(model, 10, 10, Today, mayHaveAudio: true).ShouldBe(new Usd((10 * 9_000_000) + (10 * 40_000_000)));
    }

    [Fact]
    public void Audio_is_taken_out_of_input_cache_and_output()
    {
        // As OpenAI's adapter reports it, and as older ones do. Of the cache nothing is told: what does not fit the fresh input was read from there.
        TokenUsage.From(new UsageDetails { InputTokenCount = 100, CachedInputTokenCount = 30, OutputTokenCount = 50, ReasoningTokenCount = 5, InputAudioTokenCount = 80, OutputAudioTokenCount = 20 })
            .ShouldBe(new TokenUsage { CacheRead = 20, AudioInput = 70, AudioCacheRead = 10, Output = 25, Reasoning = 5, AudioOutput = 20 });
        TokenUsage.From(new UsageDetails { InputTokenCount = 100, OutputTokenCount = 50, AdditionalCounts = new() { ["InputTokenDetails.AudioTokenCount"] = 80, ["OutputTokenDetails.AudioTokenCount"] = 90 } })
            .ShouldBe(new TokenUsage { FreshInput = 20, AudioInput = 80, AudioOutput = 50 });
        TokenUsage.From(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 5, InputAudioTokenCount = -1, OutputAudioTokenCount = long.MaxValue })
            .ShouldBe(new TokenUsage { FreshInput = 10, AudioOutput = 5 });
    }

    [Fact]
    public void Usage_is_taken_apart_into_disjoint_buckets()
    {
        // As the official Anthropic adapter reports it: input holds reads and writes.
        TokenUsage.From(new UsageDetails
        {
            InputTokenCount = 1_000, OutputTokenCount = 50, CachedInputTokenCount = 600, ReasoningTokenCount = 20,
            AdditionalCounts = new() { ["CacheCreationInputTokens"] = 300 },
        }).ShouldBe(new TokenUsage { FreshInput = 100, CacheRead = 600, CacheWrite5Minutes = 300, Output = 30, Reasoning = 20 });
    }

    [Theory]
    [InlineData("CacheCreationInputTokens", "Ephemeral1hInputTokens")]
    [InlineData("cache_creation_input_tokens", "ephemeral_1h_input_tokens")]
    [InlineData("CacheCreationInputTokens", "cache_creation.ephemeral_1h_input_tokens")]
    public void Writes_kept_for_an_hour_have_their_own_price_where_they_are_told_apart(string all, string hour)
    {
        var usage = TokenUsage.From(new UsageDetails { InputTokenCount = 1_000, OutputTokenCount = 0, AdditionalCounts = new() { [all] = 300, [hour] = 200 } })!.Value;
        usage.ShouldBe(new TokenUsage { FreshInput = 700, CacheWrite5Minutes = 100, CacheWrite1Hour = 200 });
        var model = ModelCatalogue.Default.Get("claude-haiku-4-5");
        // A dollar a million of fresh input, 1.25 of a write for five minutes, 2 of one for an hour.
        CostCalculator.CostOf(model, usage, DateTimeOffset.UnixEpoch.AddYears(56)).ShouldBe(Usd.FromDollars(0.0007m + 0.000125m + 0.0004m));
        TokenUsage.From(new UsageDetails { InputTokenCount = 1_000, AdditionalCounts = new() { ["Ephemeral5mInputTokens"] = 100, [hour] = 200 } })!.Value.ShouldBe(usage);
    }

    [Fact]
    public void Usage_that_contradicts_itself_is_bounded()
    {
        TokenUsage.From(new UsageDetails { InputTokenCount = -5, OutputTokenCount = -1, CachedInputTokenCount = -3, ReasoningTokenCount = -2 }).ShouldBe(default(TokenUsage));
        TokenUsage.From(new UsageDetails { InputTokenCount = long.MaxValue, CachedInputTokenCount = long.MaxValue, OutputTokenCount = long.MaxValue, TotalTokenCount = long.MinValue })
            .ShouldBe(new TokenUsage { CacheRead = 1_000_000_000, Output = 1_000_000_000 });
    }

    [Fact]
    public void More_from_the_cache_than_in_all_shows_that_the_input_was_reported_without_it()
    {
        TokenUsage.From(new UsageDetails { InputTokenCount = 10, CachedInputTokenCount = 50, OutputTokenCount = 5 })
            .ShouldBe(new TokenUsage { FreshInput = 10, CacheRead = 50, Output = 5 });
        TokenUsage.From(new UsageDetails { InputTokenCount = 10, CachedInputTokenCount = 8, OutputTokenCount = 0, AdditionalCounts = new() { ["CacheCreationInputTokens"] = 8 } })
            .ShouldBe(new TokenUsage { FreshInput = 10, CacheRead = 8, CacheWrite5Minutes = 8 });
    }

    [Fact]
    public void Reasoning_beside_the_output_is_not_taken_from_it()
    {
        // As Google's adapter reports it: thoughts and tool results stand beside output and input, and only the total has all.
        TokenUsage.From(new UsageDetails
        {
            InputTokenCount = 1_106, OutputTokenCount = 778, ReasoningTokenCount = 1_089, TotalTokenCount = 3_259, AdditionalCounts = new() { ["ToolUsePromptTokenCount"] = 286 },
        }).ShouldBe(new TokenUsage { FreshInput = 1_392, Output = 778, Reasoning = 1_089 });
        TokenUsage.From(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 700, ReasoningTokenCount = 300, TotalTokenCount = 1_010 })
            .ShouldBe(new TokenUsage { FreshInput = 10, Output = 700, Reasoning = 300 });
        TokenUsage.From(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 700, ReasoningTokenCount = 300, TotalTokenCount = 710 })
            .ShouldBe(new TokenUsage { FreshInput = 10, Output = 400, Reasoning = 300 }, "OpenAI counts it inside");
    }

    [Fact]
    public void Missing_usage_is_not_zero()
    {
        TokenUsage.From(null).ShouldBeNull();
        TokenUsage.From(new UsageDetails { TotalTokenCount = 9 }).ShouldBeNull();
        TokenUsage.From(new UsageDetails { OutputTokenCount = 9 }).ShouldBe(new TokenUsage { Output = 9 });
    }

    [Fact]
    public void Usages_add_up_bucket_by_bucket()
    {
        var one = new TokenUsage { FreshInput = 1, CacheRead = 2, CacheWrite5Minutes = 3, CacheWrite1Hour = 4, Output = 5, Reasoning = 6, AudioInput = 7, AudioCacheRead = 8, AudioOutput = 9 };
        var two = one + one;
        two.ShouldBe(new TokenUsage { FreshInput = 2, CacheRead = 4, CacheWrite5Minutes = 6, CacheWrite1Hour = 8, Output = 10, Reasoning = 12, AudioInput = 14, AudioCacheRead = 16, AudioOutput = 18 });
        (two.TotalInput, two.TotalCacheRead, two.TotalOutput, two.Total).ShouldBe((50, 20, 40, 90));
    }

    [Theory]
    [InlineData("0.0675", "$0.0675")]
    [InlineData("10", "$10.00")]
    [InlineData("0.000000000001", "$0.000000000001")]
    [InlineData("-1234.5", "-$1234.50")]
    [InlineData("0", "$0.00")]
    public void Dollars_are_written_exactly_in_every_culture(string dollars, string written)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            Usd.FromDollars(decimal.Parse(dollars, CultureInfo.InvariantCulture)).ToString().ShouldBe(written);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Dollars_are_exact_and_never_wrap()
    {
        var sum = Usd.Zero;
        for (var call = 0; call < 1_000_000; call++)
            sum += new Usd(75_000);
        sum.Dollars.ShouldBe(0.075m);
        Usd.FromDollars(0.0000000000005m).PicoDollars.ShouldBe(1);
        Usd.FromDollars(-0.0000000000005m).PicoDollars.ShouldBe(-1);
        Should.Throw<OverflowException>(() => Usd.MaxValue + new Usd(1));
        Should.Throw<OverflowException>(() => new Usd(long.MinValue) - new Usd(1));
        Should.Throw<OverflowException>(() => Usd.FromDollars(10_000_000));
        (new Usd(1) < new Usd(2) && new Usd(2) > new Usd(1) && new Usd(1) <= new Usd(1) && new Usd(1) >= new Usd(1)).ShouldBeTrue();
        new Usd(1).CompareTo(new Usd(2)).ShouldBeNegative();
    }
}
