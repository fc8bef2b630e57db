using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnscopedCacheTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q, [CacheScope] string tenant); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached(Scope = CacheScope.Global)] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, Cached(Scope = CacheScope.Global)] public interface IA { [Cached(TtlMinutes = 5)] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached, Prompt(\"Explain {level} of {kind} {share}\")] Task<string> AskAsync(int level, DayOfWeek kind, double? share); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q); } class Claims : TokenBudget.Configuration.ITenantAccessor { public string? Tenant => null; }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q); } class Host { class Claims : TokenBudget.Configuration.ITenantAccessor { public string? Tenant => null; } }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UnscopedCacheAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> {|TB0112:AskAsync|}(string q); }")]
    [InlineData("[ChatAgent, Cached] public interface IA { Task<string> {|TB0112:AskAsync|}(Conversation c, string q); Task<string> {|TB0112:TellAsync|}([ConversationId] string id, string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached, Prompt(\"Sort {ticket}\")] Task<string> {|TB0112:AskAsync|}(string ticket); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached, Prompt(\"On {day}\")] Task<string> {|TB0112:AskAsync|}(DateTime day); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> {|TB0112:AskAsync|}(DataContent picture); }")]
    [InlineData("public interface IA { [Cached] Task<string> {|TB0112:AskAsync|}(IList<ChatMessage> m); }")]
    public Task Reports(string source) => AnalyzerRun.ShouldReport<UnscopedCacheAnalyzer>(source);
}
