using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class RetryWithoutDelayTests
{
    [Theory]
    [InlineData("a delay", "for (var i = 0; i < 3; i++) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception) { await Task.Delay(1000 << i); } } return \"\";")]
    [InlineData("a failure that leaves", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } catch (Exception) { throw; } }")]
    [InlineData("one request for each item", "foreach (var t in new[] { text }) { try { await client.GetResponseAsync(t); } catch (Exception) { } } return \"\";")]
    [InlineData("a request for each turn", "for (var i = 0; i < 3; i++) { try { await client.GetResponseAsync(text); } catch (Exception) { } } return \"\";")]
    [InlineData("a chat", "while (true) { var q = Console.ReadLine()!; try { await client.GetResponseAsync(q); if (q == \"\") break; } catch (Exception) { } } return \"\";")]
    [InlineData("another client", "var clients = new[] { client }; for (var i = 0; i < 3; i++) { try { return (await clients[i].GetResponseAsync(text)).Text; } catch (Exception) { } } return \"\";")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a counted loop", "for (var i = 0; i < 3; i++) { try { return (await client.GetResponseAsync(text)).Text; } {|TB0014:catch|} (Exception) { } } return \"\";")]
    [InlineData("an endless loop", "while (true) { try { return (await client.GetResponseAsync(text)).Text; } {|TB0014:catch|} (Exception e) { Console.WriteLine(e); } }")]
    [InlineData("a flag", "var done = false; while (!done) { try { await client.GetResponseAsync(text); done = true; } {|TB0014:catch|} (Exception) { } } return \"\";")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<RetryWithoutDelayAnalyzer>($$"""
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
