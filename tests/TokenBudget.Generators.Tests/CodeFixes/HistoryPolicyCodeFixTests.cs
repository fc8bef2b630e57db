using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class HistoryPolicyCodeFixTests
{
    [Fact]
    public Task Adds_the_attribute() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> FirstAsync(string q);

            // Goes on and on.
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> FirstAsync(string q);

            // Goes on and on.
            [TokenBudget(MaxContextTokens = 50_000)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Adds_to_the_attribute_that_is_there() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxRounds = 3)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxRounds = 3, MaxContextTokens = 50_000)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Adds_it_above_other_attributes() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            [Prompt("{q}")]
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxContextTokens = 50_000)]
            [Prompt("{q}")]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Fixes_all_in_one_go() => CodeFixRun.ShouldFixAll<NoHistoryPolicyAnalyzer, HistoryPolicyCodeFix>(
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> AskAsync(Conversation c, string q);
            [TokenBudget(MaxRounds = 3)] Task<string> TellAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxContextTokens = 50_000)]
            Task<string> AskAsync(Conversation c, string q);
            [TokenBudget(MaxRounds = 3, MaxContextTokens = 50_000)] Task<string> TellAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Offers_nothing_for_an_inherited_method() => CodeFixRun.ShouldOfferNothing<NoHistoryPolicyAnalyzer, HistoryPolicyCodeFix>(
        "public interface IB { Task<string> AskAsync(Conversation c); } [ChatAgent] public interface IA : IB;");

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<NoHistoryPolicyAnalyzer, HistoryPolicyCodeFix>(before, after);
}
