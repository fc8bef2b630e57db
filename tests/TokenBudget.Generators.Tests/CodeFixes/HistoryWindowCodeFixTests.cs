using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class HistoryWindowCodeFixTests
{
    [Fact]
    public Task Sends_what_a_window_leaves() => ShouldFix(
        """
        class C
        {
            async Task M(IChatClient client)
            {
                // What was said.
                var history = new List<ChatMessage>(); // all of it
                while (true)
                {
                    history.Add(new(ChatRole.User, Console.ReadLine()));
                    var response = await client.GetResponseAsync(/* whole */ history, new ChatOptions());
                    history.AddMessages(response);
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client)
            {
                // What was said.
                var history = new List<ChatMessage>(); // all of it
                var window = new TokenBudget.Windowing.ContextWindow(new TokenBudget.Windowing.ContextWindowOptions { MaxTokens = 50_000 }, new TokenBudget.Counting.MessageCounter(TokenBudget.Counting.TokenCounter.ForEncoding("o200k_base")));
                while (true)
                {
                    history.Add(new(ChatRole.User, Console.ReadLine()));
                    var response = await client.GetResponseAsync(/* whole */ window.Reduce(history).Messages, new ChatOptions());
                    history.AddMessages(response);
                }
            }
        }
        """);

    [Fact]
    public Task Makes_one_window_for_each_list() => ShouldFixAll(
        """
        class C
        {
            async Task M(IChatClient client, int window)
            {
                IEnumerable<ChatMessage> first = [];
                var second = new List<ChatMessage>();
                while (true)
                {
                    first = first.Append(new());
                    second.Add(new());
                    await client.GetResponseAsync(first);
                    await client.GetResponseAsync([.. second, new()]);
                    await client.GetResponseAsync(second);
                    var copy = second.ToList();
                    copy.Add(new());
                    await client.GetResponseAsync(copy);
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client, int window)
            {
                IEnumerable<ChatMessage> first = [];
                var window2 = new TokenBudget.Windowing.ContextWindow(new TokenBudget.Windowing.ContextWindowOptions { MaxTokens = 50_000 }, new TokenBudget.Counting.MessageCounter(TokenBudget.Counting.TokenCounter.ForEncoding("o200k_base")));
                var second = new List<ChatMessage>();
                var window3 = new TokenBudget.Windowing.ContextWindow(new TokenBudget.Windowing.ContextWindowOptions { MaxTokens = 50_000 }, new TokenBudget.Counting.MessageCounter(TokenBudget.Counting.TokenCounter.ForEncoding("o200k_base")));
                var window4 = new TokenBudget.Windowing.ContextWindow(new TokenBudget.Windowing.ContextWindowOptions { MaxTokens = 50_000 }, new TokenBudget.Counting.MessageCounter(TokenBudget.Counting.TokenCounter.ForEncoding("o200k_base")));
                while (true)
                {
                    first = first.Append(new());
                    second.Add(new());
                    await client.GetResponseAsync(window2.Reduce([.. first]).Messages);
                    await client.GetResponseAsync(window3.Reduce([.. second, new()]).Messages);
                    await client.GetResponseAsync(window3.Reduce(second).Messages);
                    var copy = second.ToList();
                    copy.Add(new());
                    await client.GetResponseAsync(window4.Reduce(copy).Messages);
                }
            }
        }
        """);

    [Fact]
    public Task Keeps_the_window_where_the_history_is_kept() => CodeFixRun.ShouldFixAll<HistoryGrowsInMemberAnalyzer, HistoryWindowCodeFix>(
        """
        class C(IChatClient client)
        {
            private readonly List<ChatMessage> _history = [];

            async Task M(string question)
            {
                _history.Add(new(ChatRole.User, question));
                _history.AddMessages(await client.GetResponseAsync(_history));
                await client.GetResponseAsync([.. _history, new()]);
            }
        }
        """,
        """
        class C(IChatClient client)
        {
            private readonly TokenBudget.Windowing.ContextWindow _window = new TokenBudget.Windowing.ContextWindow(new TokenBudget.Windowing.ContextWindowOptions { MaxTokens = 50_000 }, new TokenBudget.Counting.MessageCounter(TokenBudget.Counting.TokenCounter.ForEncoding("o200k_base")));
            private readonly List<ChatMessage> _history = [];

            async Task M(string question)
            {
                _history.Add(new(ChatRole.User, question));
                _history.AddMessages(await client.GetResponseAsync(_window.Reduce(_history).Messages));
                await client.GetResponseAsync(_window.Reduce([.. _history, new()]).Messages);
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_for_messages_of_others() => ShouldOfferNothing(
        """
        using Microsoft.SemanticKernel.ChatCompletion;
        class C
        {
            async Task M(IChatCompletionService service)
            {
                var history = new ChatHistory();
                while (true)
                {
                    history.AddUserMessage(Console.ReadLine()!);
                    await service.GetChatMessageContentAsync(history);
                }
            }
        }
        """);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<HistoryGrowsInLoopAnalyzer, HistoryWindowCodeFix>(before, after, Stubs.SemanticKernel);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<HistoryGrowsInLoopAnalyzer, HistoryWindowCodeFix>(before, after, Stubs.SemanticKernel);

    private static Task ShouldOfferNothing(string source) => CodeFixRun.ShouldOfferNothing<HistoryGrowsInLoopAnalyzer, HistoryWindowCodeFix>(source, Stubs.SemanticKernel);
}
