using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class CancellationCodeFixTests
{
    [Fact]
    public Task Adds_a_token_to_all() => CodeFixRun.ShouldFixAll<NoCancellationAnalyzer, CancellationCodeFix>(
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> AskAsync(string q); // Once.
            Task<string> TellAsync(string cancellationToken, int depth = 3);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> AskAsync(string q, CancellationToken cancellationToken = default); // Once.
            Task<string> TellAsync(string cancellationToken, int depth = 3, CancellationToken cancellationToken2 = default);
        }
        """);

    [Theory]
    [InlineData("[Cached] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{q}\")] Task<string> AskAsync(params string[] q); }")]
    [InlineData("public interface IB { Task<string> AskAsync(string q); } [ChatAgent] public interface IA : IB;")]
    public Task Offers_nothing_where_code_of_the_users_would_break(string source) => CodeFixRun.ShouldOfferNothing<NoCancellationAnalyzer, CancellationCodeFix>(source);
}
