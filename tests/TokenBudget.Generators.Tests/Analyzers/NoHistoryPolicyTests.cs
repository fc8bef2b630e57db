using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class NoHistoryPolicyTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("public interface IA { Task<string> AskAsync(IList<ChatMessage> messages); }")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = 1)] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[ChatAgent] public interface IA { [TokenBudget(MaxMessages = 1)] Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[ChatAgent, Summarized] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[assembly: TokenBudget(MaxMessages = 9)] [ChatAgent] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("public interface IA { [Cached] Task<string> AskAsync(string q); Task<string> FreeAsync(IList<ChatMessage> messages); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<NoHistoryPolicyAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0102:AskAsync|}(Conversation c, string q); }")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0102:AskAsync|}(IEnumerable<ChatMessage> messages); }")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = 0, MaxOutputTokens = 5)] public interface IA { Task<string> {|TB0102:AskAsync|}(ChatMessage[] m); }")]
    [InlineData("[RateLimited(RequestsPerMinute = 1)] public interface IA { Task<string> {|TB0102:AskAsync|}(IReadOnlyList<ChatMessage> m); }")]
    [InlineData("public interface IB { Task<string> AskAsync(Conversation c); } [ChatAgent] public interface {|TB0102:IA|} : IB;")]
    public Task Reports(string source) => AnalyzerRun.ShouldReport<NoHistoryPolicyAnalyzer>(source);
}
