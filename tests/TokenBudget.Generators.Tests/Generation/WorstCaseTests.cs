using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>What hovering over a method says it may cost.</summary>
public sealed class WorstCaseTests
{
    private const string Asker = "[ChatAgent(Model = \"gpt-4o\"), TokenBudget(MaxContextTokens = 1_000, MaxOutputTokens = 100)] public interface IAsker { Task<string> AskAsync(string q); }";

    [Theory]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", "string q", "at most $0.3113 a call (5 attempts of $0.0623)")]
    [InlineData("Model = \"GPT-4o\"", "MaxContextTokens = 110, MaxOutputTokens = 10", "string q", "at most $0.001875 a call (5 attempts of $0.000375)")]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", "[MaxTokens(1_000)] string q", "at most $0.0655 a call (5 attempts of $0.0131)")]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000, MaxRounds = 3", "string q, IEnumerable<AITool> tools", "at most $0.9338 a call (3 rounds of 5 attempts of $0.0623)")]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000", "string q", "a call (5 attempts")]
    [InlineData("Model = \"unheard-of\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", "string q", null)]
    [InlineData("", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", "string q", null)]
    public void It_stands_in_the_remark(string agent, string budget, string parameters, string? expected)
    {
        var file = GeneratorRun.Of($"[ChatAgent({agent}), TokenBudget({budget})] public interface IAsker {{ Task<string> AskAsync({parameters}); }}").File;
        if (expected is null)
            file.ShouldNotContain("a call");
        else
            file.ShouldContain(expected);
    }

    [Fact]
    public void One_attempt_is_the_call() =>
        GeneratorRun.Of($"[assembly: RateLimited(MaxAttempts = 1)] {Asker}").File.ShouldContain("At most $0.003475 a call; at most 1,000");

    /// <summary>How often the user's own implementation asks a model, and for what, nobody knows.</summary>
    [Fact]
    public void Of_what_is_wrapped_nothing_is_said()
    {
        var compilation = TestCompilation.Create("[TokenBudget(MaxContextTokens = 1_000)] public interface IAsker { Task<string> AskAsync(string q); }");
        var properties = new Dictionary<string, string> { ["build_property.TokenBudgetModel"] = "gpt-4o" };
        GeneratorRun.StartIn(properties, compilation).File.ShouldNotContain("a call");
    }

    [Fact]
    public void The_projects_prices_count_and_their_edit_is_seen()
    {
        var compilation = TestCompilation.Create(Asker);
        var (before, after) = (Catalogue("5"), Catalogue("6"));
        var run = GeneratorRun.Start(compilation, before);
        run.File.ShouldContain("at most $0.0295 a call (5 attempts of $0.005895)");
        run.Again(before, after, compilation).File.ShouldContain("at most $0.0345 a call (5 attempts of $0.006885)");

        static TestFile Catalogue(string dollars) => new("/project/tokenbudget.models.json", $$"""
            {"models":[{"id":"gpt-4o","provider":"openai","maxInput":128000,"maxOutput":1000,"prices":[{"from":"2020-01-01","input":{{dollars}}000000,"output":9450000}]}]}
            """);
    }

    [Fact]
    public void A_file_beside_the_catalogue_leaves_the_remark_alone()
    {
        var compilation = TestCompilation.Create(Asker);
        var before = new TestFile("/project/other.json", "{}");
        var run = GeneratorRun.Start(compilation, before).Again(before, new TestFile("/project/other.json", "{ }"), compilation);
        PipelineObjects.ShouldBeCached(run.Result);
    }
}
