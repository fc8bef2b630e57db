using Microsoft.CodeAnalysis;
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
    [InlineData("turns that are taken back", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); h.RemoveAt(h.Count - 1); }")]
    [InlineData("the oldest taken out", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); var first = h[1]; h.Remove(first); await client.GetResponseAsync(h); }")]
    [InlineData("a system message put in once", "var h = new List<ChatMessage>(); while (true) { if (h.Count == 0) h.Add(new()); await client.GetResponseAsync(h); }")]
    [InlineData("a helper that takes the newest", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await AskNewest(client, h); }")]
    [InlineData("a helper that starts anew", "var h = new List<ChatMessage>(); while (true) { StartAnew(h); h.Add(new()); await Ask(client, h); }")]
    [InlineData("a lambda called three times", "var h = new List<ChatMessage>(); var ask = async () => { h.Add(new()); await client.GetResponseAsync(h); }; await ask(); await ask(); await ask();")]
    [InlineData("a session made for each turn", "while (true) { var s = new Session(); s.Messages.Add(new()); await client.GetResponseAsync(s.Messages); }")]
    [InlineData("a session exchanged for each turn", "var s = new Session(); while (true) { s = new Session(); s.Messages.Add(new()); await client.GetResponseAsync(s.Messages); }")]
    [InlineData("a session that is trimmed", "var s = new Session(); while (true) { s.Messages.Add(new()); Trim(s); await client.GetResponseAsync(s.Messages); }")]
    [InlineData("a loop over a queue", "var h = new List<ChatMessage>(); var q = new Queue<string>(); while (q.Count > 0) { h.Add(new(ChatRole.User, q.Dequeue())); await client.GetResponseAsync(h); }")]
    [InlineData("a conversation kept by its id", "var h = new List<ChatMessage>(); string? id = null; while (true) { h.Add(new()); await client.GetResponseAsync(h, new ChatOptions { ConversationId = id }); }")]
    [InlineData("a copy that stops when there is enough", "var h = new List<ChatMessage>(); while (true) { var c = new List<ChatMessage>(); foreach (var m in h) { if (c.Count > 9) break; c.Add(m); } await client.GetResponseAsync(c); h.Add(new()); }")]
    [InlineData("a helper's copy of the newest", "var h = new List<ChatMessage>(); while (true) { await client.GetResponseAsync(Newest(h)); h.Add(new()); }")]
    [InlineData("all but as many as there are too many", "var h = new List<ChatMessage>(); while (true) { await client.GetResponseAsync(h.Skip(h.Count - 9)); h.Add(new()); }")]
    [InlineData("a filter by time", "var h = new List<Line>(); while (true) { await client.GetResponseAsync(h.Where(l => l.At > DateTime.Now).Select(l => new ChatMessage(ChatRole.User, l.Text))); h.Add(new()); }")]
    [InlineData("a filter by another thing", "var h = new List<Line>(); while (true) { var q = Read(); await client.GetResponseAsync(h.Where(l => l.Text == q).Select(l => new ChatMessage(ChatRole.User, l.Text))); h.Add(new()); }")]
    [InlineData("a list of no messages", "var h = new List<Document>(); while (true) { await client.GetResponseAsync(h.Select(d => new ChatMessage(ChatRole.User, d.Text))); h.Add(new()); }")]
    [InlineData("a for that counts", "var h = new List<ChatMessage>(); var q = Read(); for (var i = 0; q != \"\" && i < 9; i++) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync(h); }")]
    [InlineData("a request object for each turn", "while (true) { var o = new Azure.AI.Inference.ChatCompletionsOptions(); o.Messages.Add(new()); await inference.CompleteAsync(o); }")]
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
    [InlineData("what was typed", "var h = new List<ChatMessage>(); string q = Read(); while (q.Length > 0) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); q = Read(); }")]
    [InlineData("what the model asks for", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); while (r.Messages.Any()) { h.AddRange(r.Messages); r = await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a counter of something else", "var h = new List<ChatMessage>(); while (true) { var tries = 0; if (tries++ > 3) return; h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a helper that sends", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await Ask(client, {|TB0001:h|}); }")]
    [InlineData("helpers that add and send", "var h = new List<ChatMessage>(); while (true) { Say(h); await AskByAnother(client, {|TB0001:h|}); }")]
    [InlineData("a lambda called in the loop", "var h = new List<ChatMessage>(); var ask = async () => { h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }; while (true) await ask();")]
    [InlineData("an endpoint", "var h = new List<ChatMessage>(); MapPost(\"/\", async q => { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); });")]
    [InlineData("an endpoint of its own name", "var h = new List<ChatMessage>(); MapPost(\"/\", Turn); async Task Turn(string q) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("an event", "var h = new List<ChatMessage>(); Said += async (_, q) => { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); };")]
    [InlineData("a filter by role", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:h.Where(m => m.Role != ChatRole.System)|}); }")]
    [InlineData("a choice", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:h.Count > 1 ? h : []|}); }")]
    [InlineData("another name", "var h = new List<ChatMessage>(); while (true) { var same = h; same.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a session", "var s = new Session(); while (true) { s.Messages.Add(new()); await client.GetResponseAsync({|TB0001:s.Messages|}); }")]
    [InlineData("a list that does not change", "var h = System.Collections.Immutable.ImmutableList<ChatMessage>.Empty; while (true) { h = h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a wrapper of a client", "IAsker asker = null!; var h = new List<ChatMessage>(); while (true) { h.Add(new()); await asker.TellAsync({|TB0001:h|}); }")]
    [InlineData("one message taken back of two", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); h.Add(new()); await client.GetResponseAsync({|TB0001:h|}); h.RemoveAt(h.Count - 1); }")]
    [InlineData("a copy message by message", "var h = new List<ChatMessage>(); while (true) { var c = new List<ChatMessage>(); foreach (var m in h) c.Add(m); await client.GetResponseAsync({|TB0001:c|}); h.Add(new()); }")]
    [InlineData("a helper's copy", "var h = new List<ChatMessage>(); while (true) { await client.GetResponseAsync({|TB0001:WithInstructions(h)|}); h.Add(new()); }")]
    [InlineData("a helper's copy in a variable", "var h = new List<ChatMessage>(); while (true) { var c = WithInstructions(h); c.Add(new()); await client.GetResponseAsync({|TB0001:c|}); h.Add(new()); }")]
    [InlineData("messages of a type of one's own", "var h = new List<Line>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:h.Select(l => new ChatMessage(ChatRole.User, l.Text))|}); }")]
    [InlineData("messages of a type of one's own, one by one", "var h = new List<Line>(); while (true) { h.Add(new()); var c = new List<ChatMessage>(); foreach (var l in h) c.Add(new(ChatRole.User, l.Text)); await client.GetResponseAsync({|TB0001:c|}); }")]
    [InlineData("all but the instructions", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:h.Skip(1)|}); }")]
    [InlineData("all but what is empty", "var h = new List<Line>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:h.Where(l => !l.IsWriting && !string.IsNullOrEmpty(l.Text)).Select(l => new ChatMessage(ChatRole.User, l.Text))|}); }")]
    [InlineData("one of several ways", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync({|TB0001:Read() switch { \"\" => [], _ => h }|}); }")]
    [InlineData("a for that reads", "var h = new List<ChatMessage>(); for (var q = Read(); q != \"exit\"; q = Read()) { h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a record that is copied with a longer list", "var s = new State([]); while (true) { s = s with { History = [.. s.History, new()] }; await client.GetResponseAsync({|TB0001:s.History|}); }")]
    [InlineData("an extension method", "var h = new List<ChatMessage>(); while (true) { h.SayMore(); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a method of a session", "var t = new Talk(); while (true) { t.Say(); await client.GetResponseAsync({|TB0001:t.Messages|}); }")]
    [InlineData("an array that is exchanged", "ChatMessage[] h = []; while (true) { h = [.. h, new()]; await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a pair", "(List<ChatMessage> History, int Turns) s = ([], 0); while (true) { s.History.Add(new()); s.Turns++; await client.GetResponseAsync({|TB0001:s.History|}); }")]
    [InlineData("turns of a socket", "var h = new List<ChatMessage>(); var open = true; while (open) { h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync({|TB0001:h|}); open = Read() != \"close\"; }")]
    [InlineData("until cancelled", "var h = new List<ChatMessage>(); CancellationToken stop = default; while (!stop.IsCancellationRequested) { h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync({|TB0001:h|}, cancellationToken: stop); }")]
    [InlineData("a reader of a channel", "var h = new List<ChatMessage>(); System.Threading.Channels.ChannelReader<string> r = null!; while (await r.WaitToReadAsync()) { while (r.TryRead(out var q)) h.Add(new(ChatRole.User, q)); await client.GetResponseAsync({|TB0001:h|}); }")]
    [InlineData("a request object that is kept", "var o = new Azure.AI.Inference.ChatCompletionsOptions(); while (true) { o.Messages.Add(new()); await inference.CompleteAsync({|TB0001:o|}); }")]
    public Task Reports(string what, string body) => Run(what, body);

    /// <summary>The history is a helper's affair then: that is where it has to be cut.</summary>
    [Fact]
    public async Task Says_where_a_helper_sends_that_makes_it_longer()
    {
        var diagnostic = (await AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(Source("var h = new List<ChatMessage>(); while (true) await Turn(client, {|TB0001:h|});"), Stubs.Inference)).Single();
        diagnostic.AdditionalLocations.Select(place => place.SourceTree!.GetText().ToString(place.SourceSpan))
            .ShouldBe(["Turn(client, h)", "client.GetResponseAsync(messages)"]);
    }

    [Fact]
    public async Task Says_where_it_grows_and_what_is_paid_for()
    {
        var diagnostic = (await AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(Source("""
            var history = new List<ChatMessage>();
            var options = new ChatOptions { Tools = [] };
            while (true)
            {
                history.Add(new());
                await client.GetResponseAsync({|TB0001:history|}, options);
            }
            """), Stubs.Inference)).Single();
        diagnostic.GetMessage(null).ShouldStartWith(
            "'history' is sent whole with every turn of this loop, and grows in it at line 9: each turn pays again for all that was said and all that tools returned.");
        diagnostic.AdditionalLocations.Single().GetLineSpan().StartLinePosition.Line.ShouldBe(8);
    }

    [Fact]
    public Task Can_be_suppressed_where_it_stands() => Run("a pragma", """
        var h = new List<ChatMessage>();
        while (true)
        {
            h.Add(new());
        #pragma warning disable TB0001
            await client.GetResponseAsync(h);
        #pragma warning restore TB0001
        }
        """);

    [Fact]
    public async Task Looks_into_programs_without_a_class()
    {
        var compilation = TestCompilation.Create("""
            IChatClient client = null!;
            List<ChatMessage> history = [];
            while (Console.ReadLine() is { } line)
            {
                history.Add(new(ChatRole.User, line));
                history.AddMessages(await client.GetResponseAsync(history));
            }
            """, AnalyzerRun.References);
        compilation = compilation.WithOptions(compilation.Options.WithOutputKind(OutputKind.ConsoleApplication).WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        (await AnalyzerRun.Analyze<HistoryGrowsInLoopAnalyzer>(compilation)).Single().Severity.ShouldBe(DiagnosticSeverity.Warning);
    }

    [Fact]
    public Task Knows_Anthropic() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>("""
        using Anthropic.Models.Messages;
        class C
        {
            async Task M(Anthropic.AnthropicClient client)
            {
                List<MessageParam> messages = [];
                while (true)
                {
                    messages.Add(null!);
                    await client.Messages.Create({|TB0001:new MessageCreateParams { MaxTokens = 1, Model = Model.ClaudeSonnet4_5, Messages = messages }|});
                    var request = new MessageCreateParams { MaxTokens = 1, Model = Model.ClaudeSonnet4_5, Messages = [.. messages] };
                    await client.Messages.Create({|TB0001:request|});
                }
            }
        }
        """);

    [Fact]
    public Task Knows_agents_and_leaves_their_sessions_alone() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>("""
        using Microsoft.Agents.AI;
        class C
        {
            async Task M(AIAgent agent, AgentSession session)
            {
                List<ChatMessage> messages = [];
                while (true)
                {
                    messages.Add(new());
                    await agent.RunAsync({|TB0001:messages|});
                    await agent.RunAsync(messages, session);
                }
            }
        }
        """, Stubs.AgentFramework);

    [Fact]
    public Task Says_nothing_where_a_reducer_is_set_up() => AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(
        Source("var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); }"), Stubs.Reducer, Stubs.Inference);

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
        (await AnalyzerRun.Analyze<HistoryGrowsInLoopAnalyzer>(TestCompilation.Create(source + Stubs.Inference))).ShouldBeEmpty();
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
        return AnalyzerRun.ShouldReport<HistoryGrowsInLoopAnalyzer>(Source(body), Stubs.Inference);
    }

    private static string Source(string body) => $$"""
        class C
        {
            async Task M(IChatClient client, Azure.AI.Inference.ChatCompletionsClient inference)
            {
                {{body}}
            }

            event EventHandler<string>? Said;
            void Tell() => Said?.Invoke(this, "");
            static string Read() => Console.ReadLine()!;
            static async IAsyncEnumerable<string> Turns() { await Task.Yield(); yield return ""; }
            static void MapPost(string path, Func<string, Task> handler) => handler(path);
            static void TrimToFit(List<ChatMessage> messages) => messages.Clear();
            static void Trim(Session session) => session.Messages.Clear();
            static void Tidy(List<ChatMessage> messages) => messages.RemoveRange(0, 1);
            static void StartAnew(List<ChatMessage> messages) => messages.Clear();
            static void Say(List<ChatMessage> messages) => messages.Add(new());
            static Task<ChatResponse> Ask(IChatClient client, List<ChatMessage> messages) => client.GetResponseAsync(messages);
            static Task<ChatResponse> AskByAnother(IChatClient client, List<ChatMessage> messages) => Ask(client, messages);
            static async Task Turn(IChatClient client, List<ChatMessage> messages) { messages.Add(new()); await client.GetResponseAsync(messages); }
            static List<ChatMessage> WithInstructions(List<ChatMessage> messages) => [new(ChatRole.System, "Be kind."), .. messages];
            static List<ChatMessage> Newest(List<ChatMessage> messages) => [new(ChatRole.System, "Be kind."), .. messages.TakeLast(9)];
            static Task<ChatResponse> AskNewest(IChatClient client, List<ChatMessage> messages) => client.GetResponseAsync(messages.TakeLast(5));
        }

        record State(List<ChatMessage> History);
        class Talk { public List<ChatMessage> Messages { get; } = []; public void Say() => Messages.Add(new()); }
        static class Words { public static void SayMore(this List<ChatMessage> messages) => messages.Add(new()); }
        class Session { public List<ChatMessage> Messages { get; } = []; }
        class Line { public ChatRole Role { get; set; } public string Text { get; set; } = ""; public bool IsWriting { get; set; } public DateTime At { get; set; } }
        class Document { public string Text { get; set; } = ""; }
        interface IAsker { Task<ChatResponse> TellAsync(IEnumerable<ChatMessage> messages); }
        """;
}
