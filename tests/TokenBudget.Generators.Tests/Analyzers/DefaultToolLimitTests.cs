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

    [Theory]
    [InlineData("no choice", "_ = FunctionChoiceBehavior.None();")]
    [InlineData("calls run by hand", "_ = FunctionChoiceBehavior.Auto(autoInvoke: false);")]
    [InlineData("older calls run by hand", "s.ToolCallBehavior = ToolCallBehavior.EnableKernelFunctions;")]
    [InlineData("a filter", "_ = FunctionChoiceBehavior.Auto(); IAutoFunctionInvocationFilter? filter = null;")]
    [InlineData("a choice of the kernel's", "s.FunctionChoiceBehavior = FunctionChoiceBehavior.{|TB0011:Auto|}();")]
    [InlineData("a choice that must be made", "_ = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.{|TB0011:Required|}() };")]
    [InlineData("the older way", "s.ToolCallBehavior = {|TB0011:ToolCallBehavior.AutoInvokeKernelFunctions|};")]
    public async Task Looks_at_the_kernels_ways(string what, string code)
    {
        var reports = await AnalyzerRun.ShouldReport<DefaultToolLimitAnalyzer>(
            $"using Microsoft.SemanticKernel; class C {{ void M(PromptExecutionSettings s) {{ {code} }} }} interface IAutoFunctionInvocationFilter;".Replace(code.Contains("IAuto", StringComparison.Ordinal) ? "|none|" : " interface IAutoFunctionInvocationFilter;", "", StringComparison.Ordinal),
            Stubs.SemanticKernel);
        what.ShouldNotBeEmpty();
        reports.ShouldAllBe(static report => report.GetMessage(null).Contains("default of 128 rounds", StringComparison.Ordinal));
    }

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
