using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedRequestHistoryTests
{
    [Theory]
    [InlineData("the newest", "MapPost(\"/\", async (List<ChatMessage> messages) => await client.GetResponseAsync(messages.TakeLast(9)));")]
    [InlineData("a length that is checked", "MapPost(\"/\", async (List<ChatMessage> messages) => { if (messages.Count > 9) return; await client.GetResponseAsync(messages); });")]
    [InlineData("a text", "MapPost(\"/\", async (List<ChatMessage> messages) => await client.GetResponseAsync(messages[0].Text));")]
    [InlineData("a list of its own", "MapPost(\"/\", async (List<ChatMessage> messages) => await client.GetResponseAsync([new ChatMessage()]));")]
    [InlineData("a method that is no endpoint", "await Ask([]); async Task Ask(List<ChatMessage> messages) => await client.GetResponseAsync(messages);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a list", "MapPost(\"/\", async (List<ChatMessage> messages) => await client.GetResponseAsync({|TB0023:messages|}));")]
    [InlineData("a request's list", "MapPost(\"/\", async (Request r) => await client.GetResponseAsync({|TB0023:r.Turns.Select(t => new ChatMessage(ChatRole.User, t)).ToList()|}));")]
    [InlineData("a list made of it", "MapPost(\"/\", async (Request r) => { var h = new List<ChatMessage> { new() }; foreach (var t in r.Turns) h.Add(new(ChatRole.User, t)); await client.GetResponseAsync({|TB0023:h|}); });")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Knows_controllers() => AnalyzerRun.ShouldReport<UnlimitedRequestHistoryAnalyzer>("""
        class ChatController(IChatClient client) : Microsoft.AspNetCore.Mvc.ControllerBase
        {
            public async Task<string> Post(List<ChatMessage> messages) => (await client.GetResponseAsync({|TB0023:messages|})).Text;
        }
        """, Stubs.Server, "namespace Microsoft.AspNetCore.Mvc { public abstract class ControllerBase; }");

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnlimitedRequestHistoryAnalyzer>($$"""
            class C(IChatClient client)
            {
                async Task M()
                {
                    {{code}}
                    await Task.Yield();
                }

                static void MapPost<T>(string path, Func<T, Task> handler) { }
            }

            class Request { public List<string> Turns { get; set; } = []; }
            """, Stubs.Server);
    }
}
