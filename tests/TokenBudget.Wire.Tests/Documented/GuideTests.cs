using System.Globalization;
using System.Text.RegularExpressions;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Wire.Tests.Documented;

/// <summary>What the guide says is so: its code compiles, its links lead somewhere, its sums are right, and no exception is left out.</summary>
public sealed partial class GuideTests
{
    private static readonly string Guide = Read("docs/guide.md");

    [Fact]
    public void The_agent_is_the_file_beside_this_one() => Guide.ShouldContain("```csharp\n" + Read("tests/TokenBudget.Wire.Tests/Documented/TuningAgent.cs") + "```");

    [Theory]
    [InlineData("docs/guide.md")]
    [InlineData("docs/security.md")]
    [InlineData("docs/policies/monitoring.md")]
    public void Every_link_leads_to_a_file_and_to_a_heading_in_it(string page)
    {
        var links = Link().Matches(Read(page)).Select(static match => match.Groups[1].Value).Where(static link => !link.StartsWith("http", StringComparison.Ordinal)).Distinct().ToList();

        foreach (var link in links)
        {
            var (file, heading) = link.Split('#') is [var path, var anchor] ? (path, anchor) : (link, null);
            var target = file.Length == 0 ? page : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.PathOf(Path.GetDirectoryName(page)!), file));
            (File.Exists(Repository.PathOf(target)) || Directory.Exists(Repository.PathOf(target))).ShouldBeTrue($"{page} links to {link}");
            if (heading is not null)
                Heading().Matches(Read(target)).Select(static match => Anchor(match.Groups[1].Value)).ShouldContain(heading, $"{page} links to {link}");
        }
    }

    [Fact]
    public void Every_exception_has_its_row()
    {
        var exceptions = typeof(TokenBudgetException).Assembly.GetExportedTypes().Where(static type => type.IsSubclassOf(typeof(Exception)) && !type.IsAbstract).Select(static type => type.Name).ToList();

        exceptions.Count.ShouldBeGreaterThan(10);
        exceptions.Where(static name => !Guide.Contains($"| `{name}` |", StringComparison.Ordinal)).ShouldBeEmpty();
        Row().Matches(Guide).Select(static match => match.Groups[1].Value).Except(exceptions).ShouldBeEmpty("The guide names an exception that is not there.");
    }

    [Fact]
    public void Every_variable_of_the_environment_is_named_with_its_default()
    {
        foreach (var name in (string[])["TOKEN_MANAGEMENT_ENABLED", "MAX_CONTEXT_TOKENS", "MAX_MESSAGES_IN_MEMORY", "RATE_LIMIT_TOKENS_PER_MINUTE", "CACHE_TTL_MINUTES", "CACHE_MAX_SIZE_MB", "COST_ALERT_THRESHOLD_USD", "SUMMARIZATION_THRESHOLD_MESSAGES"])
            Guide.ShouldContain($"| `{name}` |");
        var defaults = new TokenBudgetOptions();
        Guide.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"| `COST_ALERT_THRESHOLD_USD` | {defaults.CostAlertThresholdUsd:0.0} |"));
    }

    [Fact]
    public void The_cost_example_is_what_the_catalogue_makes_of_it()
    {
        var model = ModelCatalogue.Default.Get("claude-sonnet-4-5");
        var at = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

        Guide.ShouldContain($"| read again from the prompt cache | 28,000 | 1,500 | 500 | 400 | {Cost(new TokenUsage { CacheRead = 28_000, CacheWrite5Minutes = 1_500, FreshInput = 500, Output = 400 })} |");
        Guide.ShouldContain($"| without a prompt cache | | | 30,000 | 400 | {Cost(new TokenUsage { FreshInput = 30_000, Output = 400 })} |");
        Guide.ShouldContain($"| after a window that moved | | 29,500 | 500 | 400 | {Cost(new TokenUsage { CacheWrite5Minutes = 29_500, FreshInput = 500, Output = 400 })} |");
        Guide.ShouldContain($"| what is reserved for it | | | | | {Dollars(CostCalculator.WorstCase(model, 30_000, 1_024, at))} |");

        string Cost(TokenUsage usage) => Dollars(CostCalculator.CostOf(model, usage, at));

        static string Dollars(Usd amount) => amount.Dollars.ToString("$0.0000", CultureInfo.InvariantCulture);
    }

    private static string Read(string path) => File.ReadAllText(Repository.PathOf(path)).ReplaceLineEndings("\n");

    // As GitHub makes anchors of headings.
    private static string Anchor(string heading) => Unlikely().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Unlikely();

    [GeneratedRegex(@"^\| `(\w+Exception)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
