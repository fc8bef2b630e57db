using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Tests.Harness;
using TokenBudget.Models;

namespace TokenBudget.Generators.Tests.Contracts;

public sealed class CallFactsTests
{
    [Theory]
    [InlineData("[MaxTokens(1_000)] string q", "", 1_240, 100, 1)]
    [InlineData("string q", "", 32_890, 100, 1)]
    [InlineData("int q", "", 140, 100, 1)]
    [InlineData("Conversation c, [MaxTokens(10)] string q", "", 32_890, 100, 1)]
    [InlineData("[MaxTokens(10)] string q, IEnumerable<AITool> tools", "MaxRounds = 4", 32_890, 100, 4)]
    public void A_call_costs_at_most_what_its_code_says(string parameters, string more, long input, long output, int rounds)
    {
        var facts = FactsOf($$"""
            [ChatAgent(Model = "claude-sonnet-4-5"), RateLimited(MaxAttempts = 3), TokenBudget(MaxContextTokens = 30_000, MaxOutputTokens = 100{{(more.Length == 0 ? "" : ", " + more)}})]
            public interface IA { {{(parameters.StartsWith("int", StringComparison.Ordinal) ? "[Prompt(\"{q}\")] " : "")}}Task<string> AskAsync({{parameters}}); }
            """);
        (facts.InputTokens, facts.OutputTokens, facts.Rounds, facts.Attempts).ShouldBe((input, output, rounds, 3));
        facts.WorstCaseUsd.ShouldBe(rounds * 3 * CostCalculator.WorstCase(ModelCatalogue.Default.Get("claude-sonnet-4-5"), input, output, DateTimeOffset.MaxValue).Dollars);
    }

    [Fact]
    public void The_dearest_of_the_models_it_may_go_to_counts()
    {
        var facts = FactsOf("""
            [ChatAgent(Model = "gpt-4o-mini"), RoutedTo(WhenOverloaded = "gpt-4o"), TokenBudget(MaxOutputTokens = 100), RateLimited(MaxAttempts = 1)]
            public interface IA { Task<string> AskAsync([MaxTokens(1_000)] string q); }
            """);
        facts.WorstCaseUsd.ShouldBe(CostCalculator.WorstCase(ModelCatalogue.Default.Get("gpt-4o"), facts.InputTokens, 100, DateTimeOffset.MaxValue).Dollars);
    }

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), RoutedTo(WhenSimple = \"nobody's\")] public interface IA { Task<string> AskAsync(string q); }")]
    public void Without_a_price_there_is_no_cost(string source) => FactsOf(source).WorstCaseUsd.ShouldBeNull();

    [Fact]
    public void Where_nobody_speaks_the_package_does()
    {
        var facts = FactsOf("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }");
        var options = new TokenBudgetOptions();
        facts.Window.ShouldBe(options.Defaults.MaxContextTokens!.Value);
        facts.OutputTokens.ShouldBe(4_096);
        facts.Attempts.ShouldBe(options.Retries.MaxAttempts);
    }

    [Fact]
    public void The_build_knows_every_model_the_run_time_knows()
    {
        foreach (var model in ModelCatalogue.Default.Models)
        {
            var known = ModelTable.Shipped.Find(model.Id.ToUpperInvariant()).ShouldNotBeNull();
            (known.Id, known.Provider, known.MaxInputTokens, known.MaxOutputTokens, known.MinCacheableTokens)
                .ShouldBe((model.Id, model.Provider, model.MaxInputTokens, model.MaxOutputTokens, model.MinCacheableTokens));
            foreach (var input in new long[] { 1, 128_001, 200_001, 1_000_000 })
                known.WorstCaseUsd(input, 777).ShouldBe(model.Prices.Count == 0 ? null : CostCalculator.WorstCase(model, input, 777, DateTimeOffset.MaxValue).Dollars, model.Id);
        }
    }

    private static CallFacts FactsOf(string source)
    {
        var compilation = TestCompilation.Create(source, AnalyzerRun.References);
        var agents = new AgentReadings(compilation, new Microsoft.CodeAnalysis.Diagnostics.AnalyzerOptions([]));
        return agents.Of((Microsoft.CodeAnalysis.INamedTypeSymbol)compilation.GetSymbolsWithName("IA").Single(), default)!.Calls.Single().Facts;
    }
}
