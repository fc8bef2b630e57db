using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class HistoryGrowsInLoopTests
{
    [Theory]
    [InlineData("a list declared in the loop", "while (true) { var h = new List<ChatMessage> { new(ChatRole.User, Read()) }; await client.GetResponseAsync(h); h.Add(new()); }")]
    [InlineData("a counted loop", "var h = new List<ChatMessage>(); for (var i = 0; i < 3; i++) { h.Add(new()); await client.GetResponseAsync(h); }")]
    [InlineData("a foreach", "var h = new List<ChatMessage>(); foreach (var q in new[] { \"a\", \"b\" }) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync(h); }")]
    [InlineData("a while that counts", "var h = new List<ChatMessage>(); var n = 0; while (n < 5) { h.Add(new()); n++; await client.GetResponseAsync(h); }")]
    [InlineData("a counter that leaves", "var h = new List<ChatMessage>(); var n = 0; while (true) { if (++n > 5) break; h.Add(new()); await client.GetResponseAsync(h); }")]
    [InlineData("a list that does not grow", "var h = new List<ChatMessage>(); h.Add(new()); while (true) { Read(); await client.GetResponseAsync(h); }")]
    [InlineData("a text", "while (true) await client.GetResponseAsync(Read());")]
    [InlineData("only the newest", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h.TakeLast(9)); }")]
    [InlineData("a cut", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); if (h.Count > 9) h.RemoveRange(1, 2); await client.GetResponseAsync(h); }")]
    [InlineData("a cut at the front", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); while (h.Count > 9) h.RemoveAt(0); await client.GetResponseAsync(h); }")]
    [InlineData("a cut by assignment", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); h = h.TakeLast(4).ToList(); }")]
    [InlineData("a cut by a helper", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); TrimToFit(h); await client.GetResponseAsync(h); }")]
    [InlineData("a helper whose body cuts", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); Tidy(h); await client.GetResponseAsync(h); }")]
    [InlineData("a copy that is cut", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); var c = h.ToList(); c.RemoveRange(0, 2); await client.GetResponseAsync(c); }")]
    [InlineData("a new start each time", "var h = new List<ChatMessage>(); while (true) { h.Clear(); h.Add(new()); await client.GetResponseAsync(h); }")]
    [InlineData("a new start by size", "var h = new List<ChatMessage>(); while (true) { if (h.Count > 20) h.Clear(); h.Add(new()); await client.GetResponseAsync(h); }")]
    [InlineData("a history the service keeps", "var h = new List<ChatMessage>(); var o = new ChatOptions(); while (true) { h.Add(new()); var r = await client.GetResponseAsync(h, o); o.ConversationId = r.ConversationId; }")]
    [InlineData("a queue that runs empty", "var h = new List<ChatMessage>(); var q = new Queue<string>(); while (q.TryDequeue(out var t)) { h.Add(new(ChatRole.User, t)); await client.GetResponseAsync(h); }")]
    public Task Says_nothing_of(string what, string body) => Run(what, body);

    [Theory]
    [InlineData("a chat loop", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var r = await client.GetResponseAsync({|TB0001:h|}); h.AddMessages(r); }")]
    [InlineData("a do loop", "var h = new List<ChatMessage>(); string? q; do { q = Read(); h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); } while (q != \"exit\");")]
    [InlineData("a for without an end", "IList<ChatMessage> h = []; for (;;) { h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a stream", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await foreach (var u in client.GetStreamingResponseAsync({|TB0001:h|})) Console.Write(u); }")]
    [InlineData("turns that arrive", "var h = new List<ChatMessage>(); await foreach (var q in Turns()) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a spread", "var h = new List<ChatMessage>(); while (true) { await client.GetResponseAsync({|TB0001:[.. h, new()]|}); h.Add(new()); }")]
    [InlineData("a copy", "var h = new List<ChatMessage>(); while (true) { var c = new List<ChatMessage>(); c.AddRange(h); c.Add(new()); await client.GetResponseAsync({|TB0001:c|}); h.Add(new()); }")]
    [InlineData("a projection", "var h = new List<ChatMessage>(); while (true) { var c = h.Select(m => m.Clone()).ToList(); await client.GetResponseAsync({|TB0001:c|}); h.Add(new()); }")]
    [InlineData("growth by assignment", "IEnumerable<ChatMessage> h = []; while (true) { h = h.Append(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a rollback", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); try { await client.GetResponseAsync({|TB0001:h|}); } catch (Exception) { h.RemoveAt(h.Count - 1); } }")]
    [InlineData("a rollback without a catch", "var h = new List<ChatMessage>(); while (true) { var m = new ChatMessage(); h.Add(m); if ((await client.GetResponseAsync({|TB0001:h|})).Text == \"\") h.Remove(m); }")]
    [InlineData("a reset by command", "var h = new List<ChatMessage>(); while (true) { var q = Read(); if (q == \"/clear\") { h.Clear(); continue; } h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a reset by switch", "var h = new List<ChatMessage>(); while (true) { switch (Read()) { case \"new\": h = []; break; } h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a reset by a change of model", "var h = new List<ChatMessage>(); bool changed = Read() == \"\"; while (true) { if (changed) h.Clear(); h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a local function", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await Send(); } async Task Send() => await client.GetResponseAsync({|TB0001:h|});")]
    [InlineData("a tool loop", "var h = new List<ChatMessage>(); while (true) { var r = await client.GetResponseAsync({|TB0001:h|}); if (r.FinishReason == ChatFinishReason.Stop) break; h.AddRange(r.Messages); }")]
    public Task Reports(string what, string body) => Run(what, body);

    [Fact]
    public Task Says_nothing_where_a_reducer_is_set_up() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(
        Source("var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); }"), Stubs.Reducer);

    [Fact]
    public Task Says_nothing_in_a_decorator() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>("""
        class Decorator(IChatClient inner) : DelegatingChatClient(inner)
        {
            public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
            {
                var h = messages.ToList();
                while (true) { var r = await base.GetResponseAsync(h, options, cancellationToken); h.AddRange(r.Messages); }
            }
        }
        """);

    [Fact]
    public async Task Says_nothing_in_a_test_project()
    {
        var source = Source("var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); }");
        (await AnalyzerRun.Analyze<HistoryGrowsInLoopAnalyzer>(TestCompilation.Create(source))).ShouldBeEmpty();
    }

    [Fact]
    public Task Knows_Semantic_Kernel() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>("""
        using Microsoft.SemanticKernel.ChatCompletion;
        class C
        {
            async Task M(IChatCompletionService service)
            {
                var history = new ChatHistory();
                while (true)
                {
                    history.AddUserMessage(Console.ReadLine()!);
                    var reply = await service.GetChatMessageContentAsync({|TB0001:history|});
                    history.AddAssistantMessage(reply.Content!);
                }
            }
        }
        """, Stubs.SemanticKernel);

    [Fact]
    public Task Knows_OpenAI() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>("""
        class C
        {
            void M(OpenAI.Chat.ChatClient client)
            {
                List<OpenAI.Chat.ChatMessage> messages = [];
                while (true)
                {
                    messages.Add(new OpenAI.Chat.UserChatMessage(Console.ReadLine()!));
                    client.CompleteChat({|TB0001:messages|});
                }
            }
        }
        """, Stubs.OpenAI);

    private static Task Run(string what, string body)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(Source(body));
    }

    private static string Source(string body) => $$"""
        class C
        {
            async Task M(IChatClient client)
            {
                {{body}}
            }

            static string Read() => Console.ReadLine()!;
            static async IAsyncEnumerable<string> Turns() { await Task.Yield(); yield return ""; }
            static void TrimToFit(List<ChatMessage> messages) => messages.Clear();
            static void Tidy(List<ChatMessage> messages) => messages.RemoveRange(0, 1);
        }
        """;
}
