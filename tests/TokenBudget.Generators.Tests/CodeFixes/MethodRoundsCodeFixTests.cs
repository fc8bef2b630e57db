using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class MethodRoundsCodeFixTests
{
    [Fact]
    public Task Limits_all() => CodeFixRun.ShouldFixAll<UnlimitedRoundsAnalyzer, MethodRoundsCodeFix>(
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> AskAsync(string q, IEnumerable<AITool> tools);
            [TokenBudget(MaxOutputTokens = 300)]
            Task<string> TellAsync(string q, IEnumerable<AITool> tools);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxRounds = 10)]
            Task<string> AskAsync(string q, IEnumerable<AITool> tools);
            [TokenBudget(MaxOutputTokens = 300, MaxRounds = 10)]
            Task<string> TellAsync(string q, IEnumerable<AITool> tools);
        }
        """);

    [Fact]
    public Task Offers_nothing_for_an_inherited_method() => CodeFixRun.ShouldOfferNothing<UnlimitedRoundsAnalyzer, MethodRoundsCodeFix>(
        "public interface IB { Task<string> AskAsync(string q, IEnumerable<AITool> tools); } [ChatAgent] public interface IA : IB;");
}
