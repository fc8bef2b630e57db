using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UselessCacheTests
{
    [Theory]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, Tools(typeof(Clock))] public interface IA { Task<string> AskAsync(string q); } public class Clock { public static string Now() => \"now\"; }")]
    [InlineData("[ChatAgent, Tools(typeof(Clock))] public interface IA { [Cached(ToolCalls = true)] Task<string> AskAsync(string q); } public class Clock { public static string Now() => \"now\"; }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q, [CacheIgnore] DateTime at, DateOnly day); }")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, Guid id); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UselessCacheAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent, Tools(typeof(Clock))] public interface IA { [Cached] Task<string> {|TB0106:AskAsync|}(string q); } public class Clock { public static string Now() => \"now\"; }", "ToolCalls = true")]
    [InlineData("[ChatAgent, Tools(typeof(Clock))] public interface IA { [Cached] IAsyncEnumerable<ChatResponseUpdate> {|TB0106:AskAsync|}(string q); } public class Clock { public static string Now() => \"now\"; }", "ToolCalls = true")]
    [InlineData("[ChatAgent] public interface IA { [Cached] IAsyncEnumerable<string> {|TB0106:AskAsync|}(string q, IEnumerable<AITool> tools); }", "ToolCalls = true")]
    [InlineData("[ChatAgent] public interface IA { [Cached, Prompt(\"At {at}: {q}\")] Task<string> {|TB0106:AskAsync|}(string q, DateTimeOffset at); }", "'at' is another DateTimeOffset at every call")]
    [InlineData("public interface IA { [Cached] Task<string> {|TB0106:AskAsync|}(string q, Guid? request); }", "'request' is another Guid?")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<UselessCacheAnalyzer>(source))[0].GetMessage(null).ShouldContain(message);
}
