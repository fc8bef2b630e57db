using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>What hovering over a method says it may cost.</summary>
public sealed class WorstCaseTests
{
    [Theory]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", "at most $0.0575 a request")]
    [InlineData("Model = \"GPT-4o\"", "MaxOutputTokens = 10", "at most $0.3201 a request")]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 110, MaxOutputTokens = 10", "at most $0.00035 a request")]
    [InlineData("Model = \"unheard-of\"", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", null)]
    [InlineData("Model = \"gpt-4o\"", "MaxContextTokens = 20_000", null)]
    [InlineData("", "MaxContextTokens = 20_000, MaxOutputTokens = 1_000", null)]
    public void It_stands_in_the_remark(string agent, string budget, string? expected)
    {
        var file = GeneratorRun.Of($"[ChatAgent({agent}), TokenBudget({budget})] public interface IAsker {{ Task<string> AskAsync(string q); }}").File;
        if (expected is null)
            file.ShouldNotContain("a request");
        else
            file.ShouldContain(expected);
    }
}
