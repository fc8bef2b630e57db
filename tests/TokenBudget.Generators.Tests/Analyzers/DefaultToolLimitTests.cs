using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class DefaultToolLimitTests
{
    [Theory]
    [InlineData("a limit", "builder.UseFunctionInvocation(configure: c => c.MaximumIterationsPerRequest = 5);")]
    [InlineData("a limit set elsewhere", "builder.UseFunctionInvocation(); new FunctionInvokingChatClient().MaximumIterationsPerRequest = 5;")]
    [InlineData("no tools called", "builder.UseLogging();")]
    [InlineData("a client with a limit", "_ = new FunctionInvokingChatClient { MaximumIterationsPerRequest = 5 };")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a registration", "builder.UseLogging().{|TB0011:UseFunctionInvocation|}().Build();")]
    [InlineData("a client", "_ = {|TB0011:new FunctionInvokingChatClient()|};")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<DefaultToolLimitAnalyzer>($$"""
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
