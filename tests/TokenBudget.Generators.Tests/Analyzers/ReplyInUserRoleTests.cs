using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class ReplyInUserRoleTests
{
    [Theory]
    [InlineData("the assistant's role", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.Assistant, r.Text));")]
    [InlineData("what the user said", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.User, text));")]
    [InlineData("a sentence about the reply", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); h.Add(new ChatMessage(ChatRole.User, $\"Not valid: {r.Text}\"));")]
    [InlineData("two models that talk", "var a = new List<ChatMessage>(); var b = new List<ChatMessage>(); var r = await client.GetResponseAsync(a); b.Add(new ChatMessage(ChatRole.User, r.Text)); await client.GetResponseAsync(b);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("the text", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); {|TB0006:h.Add(new ChatMessage(ChatRole.User, r.Text))|};")]
    [InlineData("a variable of it", "var h = new List<ChatMessage>(); var r = await client.GetResponseAsync(h); var s = r.ToString(); {|TB0006:h.Add(new(ChatRole.User, s))|};")]
    [InlineData("a stream", "var h = new List<ChatMessage>(); var s = \"\"; await foreach (var u in client.GetStreamingResponseAsync(h)) s += u.Text; {|TB0006:h.Add(new(ChatRole.User, s))|};")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Knows_Semantic_Kernel() => AnalyzerRun.ShouldReport<ReplyInUserRoleAnalyzer>("""
        using Microsoft.SemanticKernel.ChatCompletion;
        class C
        {
            async Task M(IChatCompletionService service, ChatHistory history)
            {
                var reply = await service.GetChatMessageContentAsync(history);
                {|TB0006:history.AddUserMessage(reply.Content!)|};
                history.AddAssistantMessage(reply.Content!);
            }
        }
        """, Stubs.SemanticKernel);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<ReplyInUserRoleAnalyzer>($$"""
            class C
            {
                async Task M(IChatClient client, string text)
                {
                    {{code}}
                }
            }
            """);
    }
}
