using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class ReplyRoleCodeFixTests
{
    [Fact]
    public Task Gives_it_the_assistants_role() => ShouldFix(
        """
        class C
        {
            async Task M(IChatClient client)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    var response = await client.GetResponseAsync(messages);
                    messages.Add(new ChatMessage(/* who */ ChatRole.User /* said */, response.Text)); // the answer
                    messages.Add(new(ChatRole.User, response.Text));
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    var response = await client.GetResponseAsync(messages);
                    messages.Add(new ChatMessage(/* who */ ChatRole.Assistant /* said */, response.Text)); // the answer
                    messages.Add(new(ChatRole.User, response.Text));
                }
            }
        }
        """);

    [Fact]
    public Task Gives_it_to_all() => ShouldFixAll(
        """
        class C
        {
            async Task M(IChatClient client)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    var response = await client.GetResponseAsync(messages);
                    messages.Add(new ChatMessage(/* who */ ChatRole.User /* said */, response.Text)); // the answer
                    messages.Add(new(ChatRole.User, response.Text));
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client)
            {
                var messages = new List<ChatMessage>();
                while (true)
                {
                    var response = await client.GetResponseAsync(messages);
                    messages.Add(new ChatMessage(/* who */ ChatRole.Assistant /* said */, response.Text)); // the answer
                    messages.Add(new(ChatRole.Assistant, response.Text));
                }
            }
        }
        """);

    [Fact]
    public Task Knows_Semantic_Kernel() => CodeFixRun.ShouldFix<ReplyInUserRoleAnalyzer, ReplyRoleCodeFix>(
        """
        using Microsoft.SemanticKernel.ChatCompletion;
        class C
        {
            async Task M(IChatCompletionService service, ChatHistory history)
            {
                var reply = await service.GetChatMessageContentAsync(history);
                history.AddUserMessage(reply.Content!);
            }
        }
        """,
        """
        using Microsoft.SemanticKernel.ChatCompletion;
        class C
        {
            async Task M(IChatCompletionService service, ChatHistory history)
            {
                var reply = await service.GetChatMessageContentAsync(history);
                history.AddAssistantMessage(reply.Content!);
            }
        }
        """,
        Stubs.SemanticKernel);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<ReplyInUserRoleAnalyzer, ReplyRoleCodeFix>(before, after);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<ReplyInUserRoleAnalyzer, ReplyRoleCodeFix>(before, after);
}
