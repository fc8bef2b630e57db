using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.Generators.Tests.Analyzers;

/// <summary>What holds for every rule.</summary>
public sealed class RuleTests
{
    private static readonly DiagnosticAnalyzer[] All =
        [.. typeof(TokenBudgetGenerator).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    [Fact]
    public void Every_id_has_one_analyzer() =>
        All.Select(analyzer => analyzer.SupportedDiagnostics.Single().Id).Order()
            .ShouldBe(typeof(DiagnosticIds).GetFields().Select(id => (string)id.GetRawConstantValue()!).Order());

    [Fact]
    public void Every_rule_has_its_page_and_says_why()
    {
        var index = File.ReadAllText(Repository.PathOf("docs/rules/README.md"));
        foreach (var rule in All.SelectMany(analyzer => analyzer.SupportedDiagnostics))
        {
            index.ShouldContain($"| [{rule.Id}]({rule.Id}.md) | {rule.Title} | {rule.DefaultSeverity} |");
            rule.HelpLinkUri.ShouldBe($"https://github.com/tokenbudget/tokenbudget/blob/main/docs/rules/{rule.Id}.md");
            rule.Description.ToString(null).ShouldNotBeEmpty();
            var page = Repository.PathOf($"docs/rules/{rule.Id}.md");
            File.Exists(page).ShouldBeTrue(page);
            var text = File.ReadAllText(page);
            foreach (var heading in new[] { $"# {rule.Id}: {rule.Title}", "## Why", "## Bad", "## Fixed", "## When to suppress", "## Options" })
                text.ShouldContain(heading);
        }
    }

    [Fact]
    public void Presets_name_every_rule_of_plain_code()
    {
        var rules = All.SelectMany(analyzer => analyzer.SupportedDiagnostics).Where(rule => rule.Id.StartsWith("TB00", StringComparison.Ordinal)).ToList();
        Settings("None").ShouldBe(rules.Select(rule => (rule.Id, "none")), ignoreOrder: true);
        Settings("Strict").ShouldBe(
            rules.Where(rule => rule.DefaultSeverity == DiagnosticSeverity.Info).Select(rule => (rule.Id, rule.IsEnabledByDefault ? "warning" : "suggestion")),
            ignoreOrder: true);

        static IEnumerable<(string Id, string Severity)> Settings(string mode) =>
            from line in File.ReadLines(Repository.PathOf($"src/TokenBudget/buildTransitive/TokenBudget.{mode}.globalconfig"))
            where line.StartsWith("dotnet_diagnostic.", StringComparison.Ordinal)
            let parts = line.Split('.', ' ')
            select (parts[1], parts[^1]);
    }

    [Fact]
    public void Every_analyzer_says_which_languages_it_is_for() =>
        All.ShouldAllBe(analyzer => analyzer.GetType().GetCustomAttribute<DiagnosticAnalyzerAttribute>() != null);
}
