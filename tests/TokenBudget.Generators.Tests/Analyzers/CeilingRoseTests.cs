using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class CeilingRoseTests
{
    private const string Source = """
        [ChatAgent(Model = "claude-sonnet-4-5"), RateLimited(MaxAttempts = 1), TokenBudget(MaxContextTokens = 10_000, MaxOutputTokens = 100)]
        public interface IA
        {
            [Prompt("Sort: {q}")] Task<string> AskAsync([MaxTokens(1_000)] string q);
            [Prompt("Sort: {q}")] Task<string> LongAsync(string q);
        }
        """;

    [Fact]
    public Task Says_nothing_of_the_contract_that_was_agreed_on() => ReportsOf(Source, Source, []);

    [Theory]
    [InlineData("MaxOutputTokens = 100", "MaxOutputTokens = 99")]
    [InlineData("[MaxTokens(1_000)]", "[MaxTokens(999)]")]
    public Task Says_nothing_of_one_that_fell(string before, string after) => ReportsOf(Source, Source.Replace(before, after, StringComparison.Ordinal), []);

    [Theory]
    [InlineData("Sort: {q}\")] Task<string> AskAsync", "Sort this ticket by its urgency: {q}\")] Task<string> AskAsync", "A call of 'AskAsync' can cost $0.008994, and tokenbudget.lock.json says $0.008964: fixedTokens.prompt 3 → 8, inputTokens 1244 → 1249. If that is meant, build and run 'tokenbudget lock'.")]
    [InlineData("[MaxTokens(1_000)]", "[MaxTokens(2_000)]", "A call of 'AskAsync' can cost $0.0156, and tokenbudget.lock.json says $0.008964: inputTokens 1244 → 2344. If that is meant, build and run 'tokenbudget lock'.")]
    public async Task Tells_from_what_to_what_and_why(string before, string after, string message)
    {
        var report = (await ReportsOf(Source, Source.Replace(before, after, StringComparison.Ordinal), ["AskAsync"])).Single();
        report.GetMessage(CultureInfo.InvariantCulture).ShouldBe(message);
    }

    [Theory]
    [InlineData("MaxOutputTokens = 100", "MaxOutputTokens = 200", "outputTokens 100 → 200")]
    [InlineData("MaxAttempts = 1", "MaxAttempts = 3", "attempts 1 → 3")]
    [InlineData("Model = \"claude-sonnet-4-5\"", "Model = \"claude-opus-4-5\"", "model claude-sonnet-4-5 → claude-opus-4-5")]
    [InlineData("Model = \"claude-sonnet-4-5\"", "Model = \"nobody's\"", "can cost an unknown amount")]
    [InlineData("Model = \"claude-sonnet-4-5\")", "Model = \"claude-sonnet-4-5\"), RoutedTo(WhenOverloaded = \"claude-opus-4-5\")", "settings.whenOverloaded none → claude-opus-4-5")]
    public async Task Every_method_tells_for_itself(string before, string after, string reason)
    {
        var reports = await ReportsOf(Source, Source.Replace(before, after, StringComparison.Ordinal), ["AskAsync", "LongAsync"]);
        reports.ShouldAllBe(report => report.GetMessage(CultureInfo.InvariantCulture).Contains(reason));
    }

    [Fact]
    public async Task A_price_of_the_catalogue_counts_too()
    {
        const string Own = "[ChatAgent(Model = \"own\")] public interface IA { Task<string> AskAsync(string q); }";
        static TestFile Catalogue(int input) => new("/p/tokenbudget.models.json", $$"""{"models":[{"id":"own","provider":"us","prices":[{"input":{{input}},"output":2000000}]}]}""");
        var locked = new TestFile("/p/tokenbudget.lock.json", GeneratorRun.Start(TestCompilation.Create(Own), Catalogue(1_000_000)).Lock);
        var reports = await AnalyzerRun.Analyze<CeilingRoseAnalyzer>(TestCompilation.Create(Own, AnalyzerRun.References), [Catalogue(3_000_000), locked]);
        reports.ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldContain("prices.own.input 1 → 3.");
    }

    [Fact]
    public async Task A_pragma_silences_it()
    {
        var silenced = Source.Replace("MaxOutputTokens = 100", "MaxOutputTokens = 200", StringComparison.Ordinal).Replace("public interface", "#pragma warning disable TB0120\npublic interface", StringComparison.Ordinal);
        await ReportsOf(Source, silenced, []);
    }

    private static async Task<IReadOnlyList<Microsoft.CodeAnalysis.Diagnostic>> ReportsOf(string before, string after, string[] methods)
    {
        var locked = new TestFile("/p/" + LockFile.FileName, GeneratorRun.Start(TestCompilation.Create(before)).Lock);
        var reports = await AnalyzerRun.Analyze<CeilingRoseAnalyzer>(TestCompilation.Create(after, AnalyzerRun.References), [locked]);
        reports.Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan)).ShouldBe(methods, ignoreOrder: true);
        return reports;
    }
}
