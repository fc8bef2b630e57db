using System.Reflection;
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
    public void Every_analyzer_says_which_languages_it_is_for() =>
        All.ShouldAllBe(analyzer => analyzer.GetType().GetCustomAttribute<DiagnosticAnalyzerAttribute>() != null);
}
