using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnknownPriceTests
{
    [Theory]
    [InlineData("[ChatAgent(Model = \"claude-sonnet-4-5\")] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"Claude-Sonnet-4-5\"), Summarized(Model = \"claude-haiku-4-5\")] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UnknownPriceAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent({|TB0105:Model = \"claude-sonet-4-5\"|})] public interface IA { Task<string> AskAsync(string q); Task<string> OtherAsync(string q); }", "'claude-sonet-4-5' has no price")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), RoutedTo({|TB0105:WhenSimple = \"small\"|}, WhenOverloaded = \"gpt-4o-mini\")] public interface IA { Task<string> AskAsync(string q); }", "'small'")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { [Summarized({|TB0105:Model = \"tiny\"|})] Task<string> AskAsync(Conversation c, string q); }", "'tiny'")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<UnknownPriceAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);

    [Fact]
    public async Task The_project_can_bring_a_catalogue()
    {
        var compilation = TestCompilation.Create("[ChatAgent(Model = \"ours\")] public interface IA { Task<string> AskAsync(string q); }", AnalyzerRun.References);
        (await AnalyzerRun.Analyze<UnknownPriceAnalyzer>(compilation)).Count.ShouldBe(1);
        (await AnalyzerRun.Analyze<UnknownPriceAnalyzer>(compilation, [new TestFile("/src/tokenbudget.models.json", Catalogue("ours"))])).ShouldBeEmpty();
        (await AnalyzerRun.Analyze<UnknownPriceAnalyzer>(compilation, [new TestFile("/src/other.models.json", Catalogue("ours"))])).Count.ShouldBe(1);
        (await AnalyzerRun.Analyze<UnknownPriceAnalyzer>(compilation, [new TestFile("tokenbudget.models.json", "{ this is none")])).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_host_can_bring_models_of_its_own()
    {
        var compilation = TestCompilation.Create("[ChatAgent(Model = \"ours\")] public interface IA { Task<string> AskAsync(string q); }", AnalyzerRun.References);
        var properties = new TestProperties(new Dictionary<string, string> { ["TokenBudgetModelsAtRunTime"] = "true" });
        (await AnalyzerRun.Analyze<UnknownPriceAnalyzer>(compilation, [], properties)).ShouldBeEmpty();
    }

    private static string Catalogue(string id) => $$"""{"models":[{"id":"{{id}}","provider":"us","prices":[{"input":1,"output":2}]}]}""";
}
