using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnattendedLoopTests
{
    [Theory]
    [InlineData("a loop somebody types in", "while (true) { Console.ReadLine(); await client.GetResponseAsync(\"x\"); await Task.Delay(9); }")]
    [InlineData("a loop over what comes in", "while (await reader.WaitToReadAsync()) { await client.GetResponseAsync(\"x\"); await Task.Delay(9); }")]
    [InlineData("a loop that counts", "var n = 0; while (true) { if (++n > 9) break; await client.GetResponseAsync(\"x\"); await Task.Delay(9); }")]
    [InlineData("a loop that asks nothing", "while (!token.IsCancellationRequested) await Task.Delay(9);")]
    [InlineData("a pause after a failure", "while (!token.IsCancellationRequested) { try { await client.GetResponseAsync(\"x\"); return; } catch (Exception) { await Task.Delay(9); } }")]
    [InlineData("an answer that is waited for", "var r = await client.GetResponseAsync(\"x\"); while (r.ContinuationToken is not null) { await Task.Delay(9); r = await client.GetResponseAsync(\"x\"); }")]
    [InlineData("one request", "await Task.Delay(9); await client.GetResponseAsync(\"x\");")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a timer", "{|TB0012:while|} (await timer.WaitForNextTickAsync(token)) await client.GetResponseAsync(\"x\");")]
    [InlineData("a pause", "{|TB0012:while|} (!token.IsCancellationRequested) { await client.GetResponseAsync(\"x\"); await Task.Delay(9, token); }")]
    [InlineData("a method that asks", "{|TB0012:for|} (;;) { await AskAsync(); await Task.Delay(9, token); }")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Says_nothing_where_there_is_a_budget() => AnalyzerRun.ShouldReport<UnattendedLoopAnalyzer>("""
        class C
        {
            static IChatClient WithTokenBudget(IChatClient client) => client;
            async Task M(IChatClient client)
            {
                var limited = WithTokenBudget(client);
                while (true) { await limited.GetResponseAsync("x"); await Task.Delay(9); }
            }
        }
        """);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnattendedLoopAnalyzer>($$"""
            class C(IChatClient client)
            {
                async Task M(PeriodicTimer timer, System.Threading.Channels.ChannelReader<string> reader, CancellationToken token)
                {
                    {{code}}
                    await AskAsync();
                }

                Task AskAsync() => client.GetResponseAsync("x");
            }
            """);
    }
}
