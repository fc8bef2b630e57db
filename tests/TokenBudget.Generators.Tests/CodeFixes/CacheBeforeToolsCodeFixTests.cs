using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class CacheBeforeToolsCodeFixTests
{
    [Fact]
    public Task Moves_the_line_with_its_comment() => ShouldFix(
        """
        class C
        {
            object M(ChatClientBuilder builder, IList<AITool> tools) => builder
                .UseLogging()
                .UseFunctionInvocation() // the tools
                .UseOpenTelemetry()
                .UseDistributedCache(1) // the cache
                .Build();
        }
        """,
        """
        class C
        {
            object M(ChatClientBuilder builder, IList<AITool> tools) => builder
                .UseLogging()
                .UseDistributedCache(1) // the cache
                .UseFunctionInvocation() // the tools
                .UseOpenTelemetry()
                .Build();
        }
        """);

    [Fact]
    public Task Moves_all() => ShouldFixAll(
        """
        class C
        {
            void M(ChatClientBuilder a, ChatClientBuilder b)
            {
                a.UseFunctionInvocation().UseDistributedCache();
                b.UseFunctionInvocation().UseLogging().UseDistributedCache(2).Build();
            }
        }
        """,
        """
        class C
        {
            void M(ChatClientBuilder a, ChatClientBuilder b)
            {
                a.UseDistributedCache().UseFunctionInvocation();
                b.UseDistributedCache(2).UseFunctionInvocation().UseLogging().Build();
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_for_two_statements() => ShouldOfferNothing(
        """
        class C
        {
            void M(ChatClientBuilder builder)
            {
                builder.UseFunctionInvocation();
                builder.UseDistributedCache();
            }
        }
        """);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<CachedToolsAnalyzer, CacheBeforeToolsCodeFix>(before, after, Stubs.Pipeline);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<CachedToolsAnalyzer, CacheBeforeToolsCodeFix>(before, after, Stubs.Pipeline);

    private static Task ShouldOfferNothing(string source) => CodeFixRun.ShouldOfferNothing<CachedToolsAnalyzer, CacheBeforeToolsCodeFix>(source, Stubs.Pipeline);
}
