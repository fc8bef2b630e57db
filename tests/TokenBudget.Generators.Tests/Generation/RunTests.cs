using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>Generated code that runs, on the real runtime.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_prompt_is_rendered_and_its_reply_read()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            public enum Kind { Bug, Question }

            [ChatAgent(Model = "gpt-4o"), SystemPrompt("You sort."), TokenBudget(MaxOutputTokens = 16)]
            public interface ISorter
            {
                [Prompt("On {day:yyyy-MM-dd} {{sort}} {ticket}!")]
                Task<Kind> SortAsync(string ticket, DateOnly day);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime) =>
                    (await new Sorter(client, runtime).SortAsync("{ticket}", new DateOnly(2026, 2, 1))).ToString();
            }
            """,
            "\"bug\".");
        result.ShouldBe("Bug");
        client.Sent.ShouldBe(["system: You sort.\nuser: On 2026-02-01 {sort} {ticket}!"]);
        client.Requests[0].Options!.ModelId.ShouldBe("gpt-4o");
        client.Requests[0].Options!.MaxOutputTokens.ShouldBe(16);
    }

    [Fact]
    public async Task Several_prompts_are_several_messages_in_front_of_a_conversation()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            [ChatAgent(Model = "gpt-4o"), SystemPrompt("You sort."), TokenBudget(MaxMessages = 4)]
            public interface ISorter
            {
                [Prompt("The app crashes in {city}.")]
                [Prompt("Bug", Role = PromptRole.Assistant)]
                [Prompt("{ticket} ({city})")]
                Task<string> SortAsync(Conversation conversation, string ticket, string city);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    var conversation = new Conversation();
                    var sorter = new Sorter(client, runtime);
                    foreach (var ticket in (string[])["a", "b", "c", "d"])
                        await sorter.SortAsync(conversation, ticket, "{city}");
                    return string.Join(" ", conversation.Messages.Select(message => message.Text));
                }
            }
            """,
            "1",
            "2",
            "3",
            "4");
        const string Lead = "system: You sort.\nuser: The app crashes in {city}.\nassistant: Bug\nuser: ";
        client.Sent.First().ShouldBe(Lead + "a ({city})");
        client.Sent.ElementAt(1).ShouldBe(Lead + "a ({city})\nassistant: 1\nuser: b ({city})");
        client.Sent.ShouldAllBe(sent => sent.StartsWith(Lead, StringComparison.Ordinal), "examples are never cut, however little else fits");
        client.Sent.Last().ShouldEndWith("user: d ({city})");
        client.Sent.Last().ShouldNotContain("a ({city})");
        result.ShouldBe("a ({city}) 1 b ({city}) 2 c ({city}) 3 d ({city}) 4");
    }

    [Fact]
    public async Task Parameters_are_data_whatever_they_hold()
    {
        var (_, client) = await Scenario.RunAsync(
            """"
            [ChatAgent(Model = "gpt-4o")]
            public interface ISorter
            {
                [Prompt("""
                    <a>{a}</a>{{a}}<b>{b}</b>
                    {list}{numbers:F1}{when:yyyy}{price:N2}{none}{b}
                    """)]
                Task<string> SortAsync(string a, string b, IEnumerable<string> list, double[] numbers, DateOnly when, decimal price, string? none);
            }

            public static class Scenario
            {
                public static Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime) => new Sorter(client, runtime).SortAsync(
                    "{b}", "{{a}} {0} {list:X} \\{a\u007d \"\"\" </b>", ["{a}", "}", ""], [1.26, -2], new DateOnly(2026, 2, 1), 1234.5m, null);
            }
            """",
            "x");
        const string Hostile = "{{a}} {0} {list:X} \\{a} \"\"\" </b>";
        client.Sent.ShouldBe([$"user: <a>{{b}}</a>{{a}}<b>{Hostile}</b>\n{{a}}\n}}\n1.3\n-2.020261,234.50{Hostile}"]);
    }

    [Fact]
    public async Task A_reply_tells_what_it_took_and_a_conversation_is_named_by_its_id()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            public enum Kind { Bug, Question }

            [ChatAgent(Model = "gpt-4o"), Cached(Scope = CacheScope.Global)]
            public interface ITalker
            {
                Task<AgentReply<Kind>> SortAsync(string question);
                ValueTask<AgentReply<string?>> TellAsync([ConversationId] string id, string question);
                IAsyncEnumerable<string> StreamAsync([ConversationId] string? id, string question);
                Task<AgentReply<int[]>> ListAsync(string question);
            }

            [TokenBudget(MaxMessages = 3)]
            public interface ICounter
            {
                Task<AgentReply<int>> CountAsync([ConversationId] string id, string text);
                ValueTask<AgentReply<string>> EchoAsync(string text);
            }

            public sealed class Counter : ICounter
            {
                public Task<AgentReply<int>> CountAsync(string id, string text) => Task.FromResult(new AgentReply<int>(text.Length + id.Length));
                public ValueTask<AgentReply<string>> EchoAsync(string text) => new(new AgentReply<string>(text));
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    ITalker talker = new Talker(client, runtime);
                    var first = await talker.SortAsync("q");
                    var second = await talker.SortAsync("q");
                    await talker.TellAsync("c1", "one");
                    await foreach (var _ in talker.StreamAsync("c1", "two")) { }
                    await foreach (var _ in talker.StreamAsync(null, "three")) { }
                    var list = await talker.ListAsync("q");
                    var counter = new BudgetedCounter(new Counter(), runtime);
                    var counted = await counter.CountAsync("c1", "four");
                    var echoed = await counter.EchoAsync("echo");
                    return $"{first.Value} {first.Requests} {second.Value} {second.Requests} {second.Cache} {list.Value.Length} {counted.Value} {counted.IsEstimate} {echoed.Value} {(await runtime.OpenConversationAsync("c1")).Messages.Count}";
                }
            }
            """,
            "bug", "told", "streamed", "third", "[1,2]");
        result.ShouldBe("Bug 1 Bug 0 Hit 2 6 True echo 4");
        client.Sent.ElementAt(2).ShouldBe("user: one\nassistant: told\nuser: two");
    }

    [Fact]
    public async Task A_cached_method_asks_once_for_each_key()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            [ChatAgent(Model = "gpt-4o"), Cached]
            public interface IAsker
            {
                Task<string> AskAsync(string question, int depth, [CacheIgnore] string trace, [CacheScope] string tenant);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    var asker = new Asker(client, runtime);
                    return await asker.AskAsync("q", 1, "t1", "a")
                        + await asker.AskAsync("q", 1, "t2", "a")
                        + await asker.AskAsync("q", 2, "t1", "a")
                        + await asker.AskAsync("q", 1, "t1", "b")
                        + await asker.AskAsync("r", 1, "t1", "a");
                }
            }
            """,
            "1", "2", "3", "4");
        result.ShouldBe("11234");
        client.Sent.ShouldAllBe(sent => sent == "user: q" || sent == "user: r");
    }

    [Fact]
    public async Task A_conversation_goes_on_streaming_or_not()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            public sealed record Answer(int Value);

            [ChatAgent(Model = "gpt-4o"), TokenBudget(MaxContextTokens = 8_000)]
            public interface ITalker
            {
                Task<Answer> AskAsync(Conversation conversation, string question);
                IAsyncEnumerable<ChatResponseUpdate> TellAsync(Conversation conversation, string question, CancellationToken cancellationToken = default);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    var conversation = new Conversation();
                    ITalker talker = new Talker(client, runtime);
                    var answer = await talker.AskAsync(conversation, "first");
                    await foreach (var update in talker.TellAsync(conversation, "second"))
                        _ = update;
                    return answer.Value + ":" + string.Join(',', conversation.Messages.Select(message => message.Text));
                }
            }
            """,
            """{"value": 7}""", "told");
        result.ShouldBe("""7:first,{"value": 7},second,told""");
        client.Sent.Last().ShouldBe("user: first\nassistant: {\"value\": 7}\nuser: second");
    }

    [Fact]
    public async Task A_parameter_over_its_limit_is_refused()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            [ChatAgent(Model = "gpt-4o")]
            public interface IAsker { Task<string> AskAsync([MaxTokens(3)] string question); }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    try { return await new Asker(client, runtime).AskAsync("one two three four five"); }
                    catch (ContextOverflowException exception) { return exception.Message; }
                }
            }
            """);
        result.ShouldContain("'question' of Asker.Ask");
        client.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrapper_windows_caches_and_forwards()
    {
        var (result, _) = await Scenario.RunAsync(
            """
            [TokenBudget(MaxMessages = 2, Window = WindowPolicy.Sliding)]
            public interface IResearcher
            {
                Task<string> ReadAsync(List<ChatMessage> messages, string prefix);
                [Cached(Scope = CacheScope.Global)] Task<int> CountAsync(string text);
                void Reset();
                [TokenBudget(MaxOutputTokens = 5)] Task<int> ShortAsync([MaxTokens(2)] string text);
                IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatMessage[] messages);
                Task<string> TalkAsync(Conversation conversation, string message);
                int Calls { get; }
            }

            public sealed class Researcher : IResearcher
            {
                public int Calls { get; private set; }
                public Task<string> ReadAsync(List<ChatMessage> messages, string prefix) => Task.FromResult(prefix + string.Join(',', messages.Select(message => message.Text)));
                public Task<int> CountAsync(string text) { Calls++; return Task.FromResult(text.Length); }
                public void Reset() => Calls = 100;
                public Task<int> ShortAsync(string text) => Task.FromResult(text.Length);
                public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatMessage[] messages) { await Task.Yield(); yield return new(ChatRole.Assistant, messages[^1].Text + "!"); }
                public Task<string> TalkAsync(Conversation conversation, string message) => Task.FromResult("talked");
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    IResearcher researcher = new BudgetedResearcher(new Researcher(), runtime);
                    var messages = Enumerable.Range(0, 9).Select(i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, "m" + i)).ToList();
                    var parts = new List<object> { await researcher.ReadAsync(messages, "> ") };
                    parts.Add(await researcher.CountAsync("four"));
                    parts.Add(await researcher.CountAsync("four"));
                    parts.Add(researcher.Calls);
                    researcher.Reset();
                    parts.Add(researcher.Calls);
                    try { await researcher.ShortAsync("one two three four"); }
                    catch (ContextOverflowException) { parts.Add("too long"); }
                    await foreach (var update in researcher.StreamAsync([new(ChatRole.User, "end")]))
                        parts.Add(update.Text);
                    var conversation = new Conversation();
                    parts.Add(await researcher.TalkAsync(conversation, "hi"));
                    parts.Add(conversation.Messages.Count);
                    return string.Join(" | ", parts);
                }
            }
            """);
        result.ShouldBe("> m8 | 4 | 4 | 1 | 100 | too long | end! | talked | 0");
    }

    [Fact]
    public async Task Contents_and_tools_reach_the_model()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            [ChatAgent(Model = "gpt-4o"), Cached(Scope = CacheScope.Global)]
            public interface IViewer
            {
                ValueTask<string> LookAsync(DataContent image, string question);
                Task<string> CheckAsync(ChatMessage message, AIFunction[] tools);
                IAsyncEnumerable<string> TellAsync(UriContent image);
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    var viewer = new Viewer(client, runtime);
                    var parts = new List<string>();
                    foreach (var pixel in new byte[] { 1, 1, 2 })
                        parts.Add(await viewer.LookAsync(new DataContent(new[] { pixel }, "image/png"), "what?"));
                    parts.Add(await viewer.CheckAsync(new ChatMessage(ChatRole.User, "check"), [AIFunctionFactory.Create(() => 1, "one")]));
                    await foreach (var text in viewer.TellAsync(new UriContent("https://example.com/a.png", "image/png")))
                        parts.Add(text);
                    return string.Join(",", parts);
                }
            }
            """,
            "dark", "light", "fine", "told");
        result.ShouldBe("dark,dark,light,fine,told");
        client.Requests[0].Messages.Single().Contents.Select(content => content.GetType().Name).ShouldBe(["DataContent", "TextContent"]);
        client.Requests[2].Options!.Tools!.Single().Name.ShouldBe("one");
        client.Requests[3].Messages.Single().Contents.Single().ShouldBeOfType<Microsoft.Extensions.AI.UriContent>();
    }

    [Fact]
    public async Task A_wrapped_stream_of_text_is_cached_and_tool_calls_are_left_to_the_caller()
    {
        var (result, _) = await Scenario.RunAsync(
            """
            [Cached(Scope = CacheScope.Global)]
            public interface IResearcher
            {
                IAsyncEnumerable<string> TellAsync(string question);
                ValueTask<ChatResponse> CallAsync(string question, IList<AITool> tools);
            }

            public sealed class Researcher : IResearcher
            {
                private int _calls;
                public async IAsyncEnumerable<string> TellAsync(string question) { await Task.Yield(); yield return question; yield return "-" + ++_calls; }
                public ValueTask<ChatResponse> CallAsync(string question, IList<AITool> tools) =>
                    new(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("1", tools[0].Name)])));
            }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    var researcher = new BudgetedResearcher(new Researcher(), runtime);
                    var parts = new List<string>();
                    for (var i = 0; i < 2; i++)
                        await foreach (var text in researcher.TellAsync("q"))
                            parts.Add(text);
                    var ran = false;
                    var response = await researcher.CallAsync("q", [AIFunctionFactory.Create(() => ran = true, "run")]);
                    return string.Join("", parts) + response.Messages.Count + ran;
                }
            }
            """);
        result.ShouldBe("q-1q-11False");
    }

    [Fact]
    public async Task Agents_are_registered()
    {
        var (result, client) = await Scenario.RunAsync(
            """
            using Microsoft.Extensions.DependencyInjection;

            [ChatAgent(Model = "gpt-4o")] public interface IAsker { Task<string> AskAsync(string question); }
            [TokenBudget(MaxMessages = 9)] public interface ICounter { Task<int> CountAsync(string text); }
            public sealed class Counter : ICounter { public Task<int> CountAsync(string text) => Task.FromResult(text.Length); }
            [ChatAgent(Model = "gpt-4o")] public interface IReader<T> { Task<T> ReadAsync(string text); }
            [TokenBudget(MaxMessages = 9)] public interface IMapper<T> { Task<T> MapAsync(T value); }
            public sealed class Same<T> : IMapper<T> { public Task<T> MapAsync(T value) => Task.FromResult(value); }

            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    await using var services = new ServiceCollection().AddSingleton(client).AddSingleton(runtime)
                        .AddKeyedSingleton("second", client)
                        .AddTokenBudgetAgents().AddBudgetedCounter<Counter>().AddReader<int>("second").AddBudgetedMapper<int, Same<int>>().BuildServiceProvider();
                    var counter = services.GetRequiredService<ICounter>();
                    var mapped = await services.GetRequiredService<IMapper<int>>().MapAsync(5);
                    return await services.GetRequiredService<IAsker>().AskAsync("hi") + await counter.CountAsync("four") + counter.GetType().Name
                        + await services.GetRequiredService<IReader<int>>().ReadAsync("six") + mapped;
                }
            }
            """,
            "hello", "6");
        result.ShouldBe("hello4BudgetedCounter65");
        client.Sent.ShouldBe(["user: hi", "user: six"]);
    }
}
