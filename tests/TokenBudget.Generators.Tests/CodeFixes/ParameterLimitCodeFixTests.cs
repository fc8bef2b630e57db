using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class ParameterLimitCodeFixTests
{
    [Fact]
    public Task Bounds_all() => CodeFixRun.ShouldFixAll<UnboundedParameterAnalyzer, ParameterLimitCodeFix>(
        """
        [ChatAgent]
        public interface IAgent
        {
            [Prompt("{q}: {r}")]
            Task<string> AskAsync(
                // What is asked.
                string q, [CacheIgnore] string r = "none");

            Task<string> TellAsync(string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [Prompt("{q}: {r}")]
            Task<string> AskAsync(
                // What is asked.
                [MaxTokens(2_000)] string q, [MaxTokens(2_000)][CacheIgnore] string r = "none");

            Task<string> TellAsync([MaxTokens(2_000)] string q);
        }
        """);

    [Fact]
    public Task Offers_nothing_for_an_inherited_method() => CodeFixRun.ShouldOfferNothing<UnboundedParameterAnalyzer, ParameterLimitCodeFix>(
        "public interface IB { Task<string> AskAsync(string q); } [ChatAgent] public interface IA : IB;");
}
