using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedRoundsTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, Tools(typeof(Clock)), TokenBudget(MaxRounds = 5)] public interface IA { Task<string> AskAsync(string q); } public class Clock { public static string Now() => \"now\"; }")]
    [InlineData("[assembly: TokenBudget(MaxRounds = 5)] [ChatAgent] public interface IA { Task<string> AskAsync(string q, IEnumerable<AITool> tools); }")]
    [InlineData("[RateLimited(RequestsPerMinute = 1)] public interface IA { Task<string> AskAsync(string q, IEnumerable<AITool> tools); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UnlimitedRoundsAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent, Tools(typeof(Clock))] public interface IA { Task<string> {|TB0101:AskAsync|}(string q); } public class Clock { public static string Now() => \"now\"; }", "25 times")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0101:AskAsync|}(string q, IReadOnlyList<AITool> tools); Task<string> OtherAsync(string q); }", "'AskAsync'")]
    [InlineData("public interface IB { Task<string> AskAsync(string q, AITool[] tools); } [ChatAgent] public interface {|TB0101:IA|} : IB;", "MaxRounds")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<UnlimitedRoundsAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);
}
