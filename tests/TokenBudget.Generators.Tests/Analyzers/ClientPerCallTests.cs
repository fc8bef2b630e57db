using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class ClientPerCallTests
{
    [Theory]
    [InlineData("an injected client", "async Task M(IChatClient client) => await client.GetResponseAsync(\"x\");")]
    [InlineData("a factory", "IChatClient CreateClient() => new MyClient();")]
    [InlineData("a method that is asked to build", "async Task BuildAsync() => await new MyClient().GetResponseAsync(\"x\");")]
    [InlineData("a caller's key", "async Task M(string key) => await new MyClient(key).GetResponseAsync(\"x\");")]
    [InlineData("a static method, as samples have", "static async Task M() => await new MyClient().GetResponseAsync(\"x\");")]
    [InlineData("a field", "readonly IChatClient _client = new MyClient(); async Task M() => await _client.GetResponseAsync(\"x\");")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a local", "async Task M() { var client = {|TB0020:new MyClient()|}; await client.GetResponseAsync(\"x\"); }")]
    [InlineData("a conversion", "async Task M() { var client = {|TB0020:new MyClient()|}.Also(); await client.GetResponseAsync(\"x\"); }")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<ClientPerCallAnalyzer>($$"""
            class C
            {
                {{code}}
            }

            abstract class Base : IChatClient
            {
                public abstract Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default);
                public abstract IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default);
                public object? GetService(Type serviceType, object? serviceKey = null) => null;
                public void Dispose() { }
            }

            class MyClient(string key = "") : Base
            {
                public string Key => key;
                public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => null!;
                public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => null!;
            }

            static class Also1 { public static IChatClient Also(this IChatClient client) => client; }
            """, Stubs.Server);
    }
}
