using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class NoOutputLimitTests
{
    [Theory]
    [InlineData("a limit", "_ = new ChatOptions { MaxOutputTokens = 5 };")]
    [InlineData("a limit set later", "var o = new ChatOptions(); o.MaxOutputTokens = 5;")]
    [InlineData("something else", "_ = new List<int>();")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("no limit", "_ = {|TB0013:new ChatOptions { Temperature = 0 }|};")]
    [InlineData("another's limit", "var o = {|TB0013:new ChatOptions()|}; var p = new ChatOptions { MaxOutputTokens = 5 };")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<NoOutputLimitAnalyzer>($$"""
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
