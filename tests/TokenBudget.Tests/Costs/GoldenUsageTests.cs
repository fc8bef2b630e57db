using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using TokenBudget.Costs;
using TokenBudget.Models;
using Xunit.Abstractions;

namespace TokenBudget.Tests.Costs;

/// <summary>Real usage objects of providers, with the buckets and the price that another project expects of them.</summary>
public sealed class GoldenUsageTests(ITestOutputHelper output)
{
    // The day the expected prices were taken.
    private static readonly DateTimeOffset PricedAt = new(2026, 8, 21, 0, 0, 0, TimeSpan.Zero);

    [SharedDataFact]
    public void Every_recorded_usage_is_taken_apart_as_expected()
    {
        var compared = 0;
        var differences = new List<string>();
        foreach (var golden in Read())
        {
            var usage = ProviderUsage.Read(golden.GetProperty("body")).ShouldNotBeNull(golden.ToString());
            foreach (var expected in Expected(golden).Where(expected => IsOwnReading(UsageOf(golden), expected)))
            {
                compared++;
                var wanted = expected.GetProperty("usage");
                var found = (usage.TotalInput, usage.TotalCacheRead, usage.CacheWrite5Minutes + usage.CacheWrite1Hour, usage.TotalOutput, usage.Reasoning);
                var should = (Count(wanted, "input_tokens"), Count(wanted, "cache_read_tokens"), Count(wanted, "cache_write_tokens"), Count(wanted, "output_tokens"), Count(wanted, "output_reasoning_tokens"));
                if (found != should)
                    differences.Add($"{Text(golden, "id")} {Provider(expected)}/{Flavor(expected)}: {found}, expected {should}: {golden.GetProperty("body").GetRawText()}");
            }
        }

        output.WriteLine($"{compared} readings compared, {differences.Count} differ");
        differences.ForEach(output.WriteLine);
        differences.ShouldBeEmpty();
    }

    [SharedDataFact]
    public void Every_recorded_usage_is_priced_exactly_where_the_tables_agree()
    {
        var outcomes = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var golden in Read())
        {
            var (outcome, detail) = Price(golden);
            if (!outcomes.TryGetValue(outcome, out var details))
                outcomes[outcome] = details = [];
            details.Add($"{Text(golden, "id")} {golden.GetProperty("model")}: {detail}");
        }

        foreach (var (outcome, details) in outcomes)
        {
            output.WriteLine($"{details.Count,4} {outcome}");
            if (outcome != "exact")
                details.ForEach(detail => output.WriteLine("       " + detail));
        }

        outcomes.Values.Sum(static details => details.Count).ShouldBe(679);
        outcomes.Keys.ShouldNotContain("differs");
        outcomes["exact"].Count.ShouldBeGreaterThanOrEqualTo(507);
    }

    private static (string Outcome, string Detail) Price(JsonElement golden)
    {
        var body = golden.GetProperty("body");
        var usage = ProviderUsage.Read(body)!.Value;
        if (golden.GetProperty("model").GetString() is not { } id || golden.GetProperty("expected").GetArrayLength() == 0)
            return ("no price is expected", usage.ToString());
        if (!ModelCatalogue.Default.TryGet(id, out var model) || model.Prices.Count == 0)
            return ("not in the catalogue", "");
        var expected = Expected(golden).Where(expected => Provider(expected) == model.Provider && Flavor(expected) is not ("embeddings" or "anthropic")).ToList();
        if (expected.Count == 0)
            return ("expected at another provider than the catalogue's", $"{model.Provider}; expected at {string.Join(", ", Expected(golden).Select(Provider).Distinct())}");
        var cost = CostCalculator.CostOf(model, usage, PricedAt).Dollars;
        var wanted = Dollars(expected[0], "input_price_usd") + Dollars(expected[0], "output_price_usd");
        if (cost == wanted)
            return ("exact", "");
        return ("differs", $"{cost} instead of {wanted}: {expected[0].GetProperty("usage").GetRawText()}");
    }

    private static IEnumerable<JsonElement> Read()
    {
        using var file = File.OpenRead(SharedData.File("usage/provider-usage-golden.dev.jsonl.gz"));
        using var lines = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        foreach (var line in lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            yield return JsonSerializer.Deserialize<JsonElement>(line);
    }

    private static IEnumerable<JsonElement> Expected(JsonElement golden) => golden.GetProperty("expected").EnumerateArray();

    /// <summary>
    /// Whether somebody who knows the provider read the usage. Left out: readers of another shape, who miss some of the fields (those of Anthropic's
    /// read as OpenAI's or the other way round, or anything as embeddings), and cached tokens of Mistral's, which the other project does not read.
    /// </summary>
    private static bool IsOwnReading(JsonElement usage, JsonElement expected) =>
        Flavor(expected) is not ("anthropic" or "embeddings")
        && (Flavor(expected) == "default" || !usage.TryGetProperty("cache_creation_input_tokens", out _))
        && !usage.TryGetProperty("num_cached_tokens", out _);

    private static JsonElement UsageOf(JsonElement golden) =>
        golden.GetProperty("body").TryGetProperty("usage", out var usage) ? usage : golden.GetProperty("body").GetProperty("usageMetadata");

    private static string Provider(JsonElement expected) => Text(expected, "provider");

    private static string Flavor(JsonElement expected) => Text(expected, "api_flavor");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static long Count(JsonElement usage, string name) => usage.TryGetProperty(name, out var count) ? count.GetInt64() : 0;

    private static decimal Dollars(JsonElement expected, string name) =>
        decimal.Parse(Text(expected, name), NumberStyles.Float, CultureInfo.InvariantCulture);
}
