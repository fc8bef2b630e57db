using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class RoundLimitCodeFixTests
{
    [Fact]
    public Task Counts_and_gives_up_and_keeps_the_comments() => ShouldFix(
        """
        class C
        {
            async Task M(IChatClient client, AIFunction tool)
            {
                var messages = new List<ChatMessage>();
                // Until the model is content.
                while (true) // or not
                {
                    var response = await client.GetResponseAsync(messages);
                    if (response.FinishReason == ChatFinishReason.Stop)
                        return;
                    messages.AddMessages(response); // its calls
                    messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", await tool.InvokeAsync())]));
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client, AIFunction tool)
            {
                var messages = new List<ChatMessage>();
                var rounds = 0;
                // Until the model is content.
                while (true) // or not
                {
                    if (++rounds > 20)
                        throw new InvalidOperationException("The tool loop did not end within 20 rounds.");
                    var response = await client.GetResponseAsync(messages);
                    if (response.FinishReason == ChatFinishReason.Stop)
                        return;
                    messages.AddMessages(response); // its calls
                    messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", await tool.InvokeAsync())]));
                }
            }
        }
        """);

    [Fact]
    public Task Gives_each_loop_a_counter_of_its_own() => ShouldFixAll(
        """
        class C
        {
            async Task M(IChatClient client, AIFunction tool)
            {
                var rounds1 = 1;
                Console.Write(rounds1);
                while (true)
                {
                    await client.GetResponseAsync("x");
                    await tool.InvokeAsync();
                }
            }

            async Task N(IChatClient client, AIFunction tool, bool rounds)
            {
                if (rounds)
                {
                    do
                    {
                        await client.GetResponseAsync("x");
                        await tool.InvokeAsync();
                    } while (rounds);
                }

                for (; ; )
                {
                    await client.GetResponseAsync("x");
                    await tool.InvokeAsync();
                }
            }
        }
        """,
        """
        class C
        {
            async Task M(IChatClient client, AIFunction tool)
            {
                var rounds1 = 1;
                Console.Write(rounds1);
                var rounds = 0;
                while (true)
                {
                    if (++rounds > 20)
                        throw new InvalidOperationException("The tool loop did not end within 20 rounds.");
                    await client.GetResponseAsync("x");
                    await tool.InvokeAsync();
                }
            }

            async Task N(IChatClient client, AIFunction tool, bool rounds)
            {
                if (rounds)
                {
                    var rounds2 = 0;
                    do
                    {
                        if (++rounds2 > 20)
                            throw new InvalidOperationException("The tool loop did not end within 20 rounds.");
                        await client.GetResponseAsync("x");
                        await tool.InvokeAsync();
                    } while (rounds);
                }

                var rounds3 = 0;
                for (; ; )
                {
                    if (++rounds3 > 20)
                        throw new InvalidOperationException("The tool loop did not end within 20 rounds.");
                    await client.GetResponseAsync("x");
                    await tool.InvokeAsync();
                }
            }
        }
        """);

    [Fact]
    public Task Offers_nothing_for_a_loop_without_a_block() => ShouldOfferNothing(
        """
        class C
        {
            async Task M(IChatClient client, AIFunction tool)
            {
                var messages = new List<ChatMessage>();
                if (tool is not null)
                while (true) // or not
                {
                    var response = await client.GetResponseAsync(messages);
                    if (response.FinishReason == ChatFinishReason.Stop)
                        return;
                    messages.AddMessages(response); // its calls
                    messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", await tool.InvokeAsync())]));
                }
            }
        }
        """);

    private static Task ShouldFix(string before, string after) => CodeFixRun.ShouldFix<UnlimitedToolLoopAnalyzer, RoundLimitCodeFix>(before, after);

    private static Task ShouldFixAll(string before, string after) => CodeFixRun.ShouldFixAll<UnlimitedToolLoopAnalyzer, RoundLimitCodeFix>(before, after);

    private static Task ShouldOfferNothing(string source) => CodeFixRun.ShouldOfferNothing<UnlimitedToolLoopAnalyzer, RoundLimitCodeFix>(source);
}
