using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class AttributeWithoutEffectTests
{
    [Theory]
    [InlineData("[ChatAgent, SystemPrompt(\"x\"), RoutedTo(WhenSimple = \"m\")] public interface IA { [Prompt(\"{q}\"), Cached, TokenBudget(MaxRounds = 2), CostTracked] Task<string> AskAsync([MaxTokens(5)] string q, [CacheScope] string t); }")]
    [InlineData("public interface IA { [Cached, CostTracked] Task<string> AskAsync([MaxTokens(5)] string q, [CacheIgnore] int n); }")]
    [InlineData("[Cached] public interface IA { [RateLimited] Task<string> AskAsync(string q) => Task.FromResult(q); }")]
    [InlineData("public interface IBase<T> { [Prompt(\"{q}\")] Task<T> AskAsync([MaxTokens(5)] string q); } [ChatAgent] public interface IA : IBase<string>;")]
    [InlineData("public class Tool { [ToolApproval, System.ComponentModel.Description(\"x\")] public void Run() { } }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<AttributeWithoutEffectAnalyzer>(source);

    [Theory]
    [InlineData("public class A { [{|TB0115:CostTracked(LimitUsd = 5)|}] public Task<string> AskAsync([{|TB0115:MaxTokens(5)|}] string q) => null!; }", "[CostTracked] on 'AskAsync' does nothing: attributes are read from interfaces")]
    [InlineData("public interface IA { [{|TB0115:Prompt(\"{q}\")|}] Task<string> AskAsync(string q); }", "nothing is generated of this interface; add [ChatAgent]")]
    [InlineData("[{|TB0115:SystemPrompt(\"x\")|}] public interface IA { Task<string> AskAsync(string q); }", "add [ChatAgent]")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); [{|TB0115:Cached|}] Task<string> TellAsync([{|TB0115:MaxTokens(5)|}] string q) => AskAsync(q); }", "a body of its own")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); [{|TB0115:Cached|}] static Task<string> Tell() => null!; }", "a body of its own")]
    [InlineData("[Cached, {|TB0115:SystemPrompt(\"x\")|}] public interface IA { [{|TB0115:Prompt(\"{q}\")|}, TokenBudget(MaxRounds = 2)] Task<string> AskAsync(string q); }", "your own implementation asks the model")]
    public async Task Says_why(string source, string message) =>
        (await AnalyzerRun.ShouldReport<AttributeWithoutEffectAnalyzer>(source)).Select(report => report.GetMessage(CultureInfo.InvariantCulture)).ShouldContain(text => text.Contains(message, StringComparison.Ordinal));
}
