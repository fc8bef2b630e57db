using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class HistorySentTwiceCodeFixTests
{
    [Fact]
    public Task Sends_the_new_message_alone() => ShouldFix(
        """
        using Microsoft.Agents.AI;
        class C
        {
            async Task M(AIAgent agent, AgentSession session)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    messages.Add(new ChatMessage(ChatRole.User, Console.ReadLine()));
                    await agent.RunAsync(/* all */ messages, session); // again
                }
            }
        }
        """,
        """
        using Microsoft.Agents.AI;
        class C
        {
            async Task M(AIAgent agent, AgentSession session)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    messages.Add(new ChatMessage(ChatRole.User, Console.ReadLine()));
                    await agent.RunAsync(/* all */ [messages[^1]], session); // again
                }
            }
        }
        """);

    [Fact]
    public Task Sends_a_message_once() => ShouldFixAll(
        """
        class C
        {
            async Task M(IChatClient client, ChatMessage a, ChatMessage b)
            {
                var messages = new List<ChatMessage>();
                messages.Add(a);
                await client.GetResponseAsync([.. messages, a]);
                messages.Add(b);
                await client.GetResponseAsync([.. messages, b]);
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client, ChatMessage a, ChatMessage b)
            {
                var messages = new List<ChatMessage>();
                messages.Add(a);
                await client.GetResponseAsync(messages);
                messages.Add(b);
                await client.GetResponseAsync(messages);
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_where_more_than_one_message_is_new() => ShouldOfferNothing(
        """
        using Microsoft.Agents.AI;
        class C
        {
            async Task M(AIAgent agent, AgentSession session)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    messages.Add(new ChatMessage(ChatRole.User, Console.ReadLine()));
                    messages.Add(new ChatMessage());
                    await agent.RunAsync(/* all */ messages, session); // again
                }
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_where_the_list_begins_with_instructions() => ShouldOfferNothing(
        """
        using Microsoft.Agents.AI;
        class C
        {
            async Task M(AIAgent agent, AgentSession session)
            {
                var messages = new List<ChatMessage> { new(ChatRole.System, "Be kind.") };
                while (true)
                {
                    messages.Add(new ChatMessage(ChatRole.User, Console.ReadLine()));
                    await agent.RunAsync(/* all */ messages, session); // again
                }
            }
        }
        """);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<HistorySentTwiceAnalyzer, HistorySentTwiceCodeFix>(before, after, Stubs.AgentFramework);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<HistorySentTwiceAnalyzer, HistorySentTwiceCodeFix>(before, after, Stubs.AgentFramework);

    private static Task ShouldOfferNothing(string source) => CodeFixRun.ShouldOfferNothing<HistorySentTwiceAnalyzer, HistorySentTwiceCodeFix>(source, Stubs.AgentFramework);
}
