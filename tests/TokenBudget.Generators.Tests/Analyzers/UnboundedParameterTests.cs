using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnboundedParameterTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync([MaxTokens(9)] string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{a} {b} {c} {d}\")] Task<string> AskAsync(int a, DateOnly? b, DayOfWeek c, decimal d); }")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(ChatMessage m, [CacheScope] string tenant); }")]
    [InlineData("[Cached] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UnboundedParameterAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string {|TB0110:q|}); }", "only the window of 50000 tokens")]
    [InlineData("[ChatAgent(Model = \"gpt-4\")] public interface IA { [Prompt(\"{a}{b}\")] Task<string> AskAsync([MaxTokens(5)] string a, IEnumerable<string> {|TB0110:b|}); }", "8192 tokens bounds what a call of")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<UnboundedParameterAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);
}
