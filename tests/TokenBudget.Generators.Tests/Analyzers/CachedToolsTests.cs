using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class CachedToolsTests
{
    [Theory]
    [InlineData("a cache before the tools", "builder.UseDistributedCache().UseFunctionInvocation();")]
    [InlineData("a cache without tools", "builder.UseLogging().UseDistributedCache();")]
    [InlineData("two builders", "builder.UseFunctionInvocation(); var other = builder.Build().AsBuilder(); other.UseDistributedCache();")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a chain", "builder.UseFunctionInvocation().UseLogging().{|TB0017:UseDistributedCache|}();")]
    [InlineData("two statements", "builder.UseFunctionInvocation(); builder.{|TB0017:UseDistributedCache|}();")]
    public Task Reports(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a client without a cache", "var h = new List<ChatMessage>(); var c = builder.UseLogging().Build(); while (true) { h.Add(new()); await c.GetResponseAsync(h); }")]
    [InlineData("a history that is cut", "var h = new List<ChatMessage>(); var c = builder.UseDistributedCache().Build(); while (true) { h.Add(new()); if (h.Count > 9) h.RemoveRange(1, 2); await c.GetResponseAsync(h); }")]
    [InlineData("questions", "var c = builder.UseDistributedCache().Build(); while (true) await c.GetResponseAsync(Console.ReadLine()!);")]
    [InlineData("a history in a loop", "var h = new List<ChatMessage>(); var c = builder.UseLogging().UseDistributedCache().Build(); while (true) { h.Add(new()); await c.GetResponseAsync({|TB0017:h|}); }")]
    [InlineData("a history in a member", "_h.Add(new()); await _client.GetResponseAsync({|TB0017:_h|});")]
    public Task Looks_at_histories_that_are_cached(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<CachedToolsAnalyzer>(
            $$"""
            class C
            {
                readonly IChatClient _client;
                readonly List<ChatMessage> _h = [];
                C(ChatClientBuilder builder) => _client = builder.UseDistributedCache().Build();
                async Task M(ChatClientBuilder builder) { {{code}} }
            }
            """,
            Stubs.Pipeline);
    }

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<CachedToolsAnalyzer>($$"""
            class C
            {
                void M(ChatClientBuilder builder, IList<AITool> tools)
                {
                    {{code}}
                }
            }
            """, Stubs.Pipeline);
    }
}
