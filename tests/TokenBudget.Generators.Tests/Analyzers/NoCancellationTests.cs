using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class NoCancellationTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, CancellationToken cancellationToken = default); }")]
    [InlineData("public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<NoCancellationAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0108:AskAsync|}(string q); }", "CancellationToken")]
    [InlineData("[Cached] public interface IA { Task<string> {|TB0108:AskAsync|}(string q); Task OtherAsync(); }", "'AskAsync'")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<NoCancellationAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);
}
