using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class StreamUsageLostTests
{
    [Theory]
    [InlineData("updates that are kept", "var all = new List<ChatResponseUpdate>(); await foreach (var u in client.GetStreamingResponseAsync(\"x\")) all.Add(u);")]
    [InlineData("updates that are handed on", "await foreach (var u in client.GetStreamingResponseAsync(\"x\")) Show(u);")]
    [InlineData("contents that are looked at", "await foreach (var u in client.GetStreamingResponseAsync(\"x\")) foreach (var c in u.Contents) Console.Write(c);")]
    [InlineData("an answer at once", "Console.Write(await client.GetResponseAsync(\"x\"));")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("text alone", "await foreach (var u in client.{|TB0021:GetStreamingResponseAsync|}(\"x\")) Console.Write(u.Text);")]
    [InlineData("a stream in a variable", "var s = client.{|TB0021:GetStreamingResponseAsync|}(\"x\"); await foreach (var u in s) Console.Write(u);")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<StreamUsageLostAnalyzer>($$"""
            class C(IChatClient client)
            {
                async Task M()
                {
                    {{code}}
                }

                static void Show(ChatResponseUpdate update) { }
            }
            """);
    }
}
