using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class RetryIgnoresServerTests
{
    [Theory]
    [InlineData("what the provider said", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception e) when (e.Message.Contains(\"429\")) { await Task.Delay(RetryAfter(e)); } } static int RetryAfter(Exception e) => 1;")]
    [InlineData("a growing wait", "for (var i = 0; ; i++) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception e) when (e.Message.Contains(\"429\")) { await Task.Delay(1000 << i); } }")]
    [InlineData("another error", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } catch (TimeoutException) { await Task.Delay(1000); } }")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a constant", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception e) when (e.Message.Contains(\"429\")) { await {|TB0015:Task.Delay(1000)|}; } }")]
    [InlineData("a time span", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception e) when (e.Message.Contains(\"429\")) { await {|TB0015:Task.Delay(TimeSpan.FromSeconds(5))|}; } }")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<RetryIgnoresServerAnalyzer>($$"""
            class C
            {
                async Task<string> M(IChatClient client, string text)
                {
                    {{code}}
                }
            }
            """);
    }
}
