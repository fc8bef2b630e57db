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
