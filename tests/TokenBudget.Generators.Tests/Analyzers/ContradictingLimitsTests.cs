using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class ContradictingLimitsTests
{
    [Theory]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), TokenBudget(MaxContextTokens = 128_000, MaxOutputTokens = 16_384, TrimToTokens = 64_000), RateLimited(TokensPerMinute = 20_000)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), Summarized(Model = \"gpt-4o-mini\")] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[RateLimited(TokensPerMinute = 1)] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<ContradictingLimitsAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent(Model = \"gpt-4\"), TokenBudget({|TB0113:MaxContextTokens = 9_000|})] public interface IA { Task<string> AskAsync(string q); }", "gpt-4 takes 8,192")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { [TokenBudget({|TB0113:MaxOutputTokens = 20_000|})] Task<string> AskAsync(string q); }", "at most 16,384")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = 500, {|TB0113:MaxOutputTokens = 500|})] public interface IA { Task<string> AskAsync(string q); }", "no room for a question")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = 500, {|TB0113:TrimToTokens = 600|}, MaxOutputTokens = 5)] public interface IA { Task<string> AskAsync(string q); }", "a cut has to leave less")]
    [InlineData("[ChatAgent, RateLimited({|TB0113:TokensPerMinute = 4_000|})] public interface IA { Task<string> AskAsync(string q); }", "a request has 4,096 fixed tokens and the reserve")]
    [InlineData("[ChatAgent, SystemPrompt(\"word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word \"), RateLimited({|TB0113:InputTokensPerMinute = 60|})] public interface IA { Task<string> AskAsync(string q); }", "61 fixed tokens")]
    [InlineData("[ChatAgent, RateLimited({|TB0113:OutputTokensPerMinute = 60|})] public interface IA { Task<string> AskAsync(string q); }", "none is ever admitted")]
    [InlineData("[ChatAgent(Model = \"gpt-4o-mini\"), Summarized({|TB0113:Model = \"gpt-4o\"|})] public interface IA { Task<string> AskAsync(Conversation c, string q); }", "Take a cheaper model")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<ContradictingLimitsAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);
}
