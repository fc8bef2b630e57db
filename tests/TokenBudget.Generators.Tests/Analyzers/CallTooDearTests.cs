using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class CallTooDearTests
{
    [Theory]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), CostTracked(LimitUsd = 0.01)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), CostTracked(MaxUsdPerCall = 2)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), CostTracked(MaxUsdPerCall = 0.01)] public interface IA { [CostTracked(MaxUsdPerCall = 2)] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"unheard-of\"), CostTracked(MaxUsdPerCall = 0.01)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, CostTracked(MaxUsdPerCall = 0.01)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[CostTracked(MaxUsdPerCall = 0.01)] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<CallTooDearAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), CostTracked({|TB0104:MaxUsdPerCall = 0.05|})] public interface IA { Task<string> AskAsync(string q); }", "A call of 'AskAsync' may cost $0.836, and MaxUsdPerCall is $0.05: $0.1262 for 50,494 tokens in (the window of 50,000 without the answer, 10% margin) and $0.041 for 4,096 out of gpt-4o, 5 attempts. Lower MaxAttempts, MaxContextTokens, MaxOutputTokens, bound what is sent with [MaxTokens], or raise MaxUsdPerCall.")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), TokenBudget(MaxOutputTokens = 100), RateLimited(MaxAttempts = 1)] public interface IA { [CostTracked({|TB0104:MaxUsdPerCall = 0.001|})] Task<string> AskAsync([MaxTokens(1_000)] string q); }", "may cost $0.0041, and MaxUsdPerCall is $0.001: $0.0031 for 1,240 tokens in (0 fixed, 1,128 of parameters, 10% margin) and $0.001 for 100 out of gpt-4o. Lower MaxOutputTokens, or raise")]
    [InlineData("[ChatAgent(Model = \"gpt-4o-mini\"), RoutedTo(WhenOverloaded = \"gpt-4o\"), TokenBudget(MaxContextTokens = 2_000, MaxOutputTokens = 100, MaxRounds = 4), RateLimited(MaxAttempts = 2), CostTracked({|TB0104:MaxUsdPerCall = 0.04|})] public interface IA { Task<string> AskAsync([MaxTokens(10)] string q, IEnumerable<AITool> tools); }", "out of gpt-4o, 2 attempts, 4 rounds. Lower MaxRounds, MaxAttempts, MaxContextTokens, MaxOutputTokens, or raise")]
    [InlineData("[assembly: CostTracked(MaxUsdPerCall = 0.01)] [ChatAgent(Model = \"gpt-4o\")] public interface IA { Task<string> {|TB0104:AskAsync|}(string q); }", "and MaxUsdPerCall is $0.01")]
    public async Task Gives_the_sum_and_the_way_out(string markup, string message) =>
        (await AnalyzerRun.ShouldReport<CallTooDearAnalyzer>(markup)).Single().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message, Case.Sensitive);
}
