using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedToolLoopTests
{
    [Theory]
    [InlineData("a counted loop", "for (var i = 0; i < 8; i++) { var r = await client.GetResponseAsync(h); if (r.FinishReason == ChatFinishReason.Stop) break; h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); }")]
    [InlineData("a counter that leaves", "var n = 0; while (true) { if (++n > 8) throw new InvalidOperationException(); await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); }")]
    [InlineData("a person who answers", "while (true) { h.Add(new(ChatRole.User, Console.ReadLine())); await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); }")]
    [InlineData("a person who approves", "while (true) { await client.GetResponseAsync(h); if (!Approve()) break; h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); }")]
    [InlineData("a loop without tools", "while (true) { var r = await client.GetResponseAsync(h); if (r.FinishReason == ChatFinishReason.Stop) break; }")]
    [InlineData("tools without a loop", "await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")]));")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a loop the model ends", "{|TB0009:while|} (true) { var r = await client.GetResponseAsync(h); if (r.FinishReason == ChatFinishReason.Stop) break; h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); }")]
    [InlineData("a do loop", "ChatResponse r; {|TB0009:do|} { r = await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); } while (r.FinishReason == ChatFinishReason.ToolCalls);")]
    [InlineData("an invoked function", "AIFunction f = null!; {|TB0009:while|} (true) { var r = await client.GetResponseAsync(h); if (r.FinishReason == ChatFinishReason.Stop) return; await f.InvokeAsync(); }")]
    [InlineData("one inside a chat", "while (true) { h.Add(new(ChatRole.User, Console.ReadLine())); {|TB0009:while|} (true) { var r = await client.GetResponseAsync(h); if (r.FinishReason == ChatFinishReason.Stop) break; h.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(\"1\", \"x\")])); } }")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public async Task Is_milder_with_a_timeout()
    {
        var diagnostics = await AnalyzerRun.ShouldReport<UnlimitedToolLoopAnalyzer>("""
            class C
            {
                async Task M(IChatClient client, List<ChatMessage> h, AIFunction tool)
                {
                    using var source = new CancellationTokenSource(TimeSpan.FromMinutes(1));
                    {|TB0009:while|} ((await client.GetResponseAsync(h, null, source.Token)).FinishReason != ChatFinishReason.Stop)
                        await tool.InvokeAsync();
                }
            }
            """);
        diagnostics.Single().Severity.ShouldBe(Microsoft.CodeAnalysis.DiagnosticSeverity.Info);
    }

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnlimitedToolLoopAnalyzer>($$"""
            class C
            {
                async Task M(IChatClient client, List<ChatMessage> h)
                {
                    {{code}}
                }

                static ChatMessage Run(ChatResponse response) => new(ChatRole.Tool, [new FunctionResultContent("1", "x")]);
                static bool Approve() => Console.ReadLine() == "y";
            }
            """);
    }
}
