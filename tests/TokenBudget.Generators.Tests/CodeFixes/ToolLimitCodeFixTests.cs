using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class ToolLimitCodeFixTests
{
    [Fact]
    public Task Sets_the_limit() => ShouldFix(
        """
        class C
        {
            IChatClient M(IChatClient client, IList<AITool> tools) => client.AsBuilder()
                .UseFunctionInvocation() // the tools
                .Build();
        }
        """,
        """
        class C
        {
            IChatClient M(IChatClient client, IList<AITool> tools) => client.AsBuilder()
                .UseFunctionInvocation(configure: client => client.MaximumIterationsPerRequest = 10) // the tools
                .Build();
        }
        """);

    [Fact]
    public Task Sets_it_beside_what_is_configured() => ShouldFix(
        """
        class C
        {
            IChatClient M(IChatClient client, IList<AITool> tools) => client.AsBuilder()
                .UseFunctionInvocation(null, c => c.ToString()) // the tools
                .Build();
        }
        """,
        """
        class C
        {
            IChatClient M(IChatClient client, IList<AITool> tools) => client.AsBuilder()
                .UseFunctionInvocation(null, c => { c.ToString(); c.MaximumIterationsPerRequest = 10; }) // the tools
                .Build();
        }
        """);

    [Fact]
    public Task Sets_it_on_all() => ShouldFixAll(
        """
        class C
        {
            object M(ChatClientBuilder a, ChatClientBuilder b, IList<AITool> tools)
            {
                a.UseFunctionInvocation();
                b.UseFunctionInvocation(null);
                return new FunctionInvokingChatClient();
            }
        }
        """,
        """
        class C
        {
            object M(ChatClientBuilder a, ChatClientBuilder b, IList<AITool> tools)
            {
                a.UseFunctionInvocation(configure: client => client.MaximumIterationsPerRequest = 10);
                b.UseFunctionInvocation(null, configure: client => client.MaximumIterationsPerRequest = 10);
                return new FunctionInvokingChatClient() { MaximumIterationsPerRequest = 10 };
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_for_a_method_that_configures() => ShouldOfferNothing(
        """
        class C
        {
            IChatClient M(IChatClient client, IList<AITool> tools) => client.AsBuilder()
                .UseFunctionInvocation(null, Configure) // the tools
                .Build();

            static void Configure(FunctionInvokingChatClient client) { }
        }
        """);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<DefaultToolLimitAnalyzer, ToolLimitCodeFix>(before, after, Stubs.Pipeline);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<DefaultToolLimitAnalyzer, ToolLimitCodeFix>(before, after, Stubs.Pipeline);

    private static Task ShouldOfferNothing(string source) => CodeFixRun.ShouldOfferNothing<DefaultToolLimitAnalyzer, ToolLimitCodeFix>(source, Stubs.Pipeline);
}
