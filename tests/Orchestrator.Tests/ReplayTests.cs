using Microsoft.Extensions.AI;
using Orchestrator.Replay;
using TokenBudget.Conversations;

namespace Orchestrator.Tests;

public sealed class ReplayTests
{
    [Fact]
    public async Task A_long_recorded_conversation_costs_less_than_unbounded_and_less_than_the_last_twenty()
    {
        var replay = new ConversationReplay([LongConversation()]);

        var unbounded = await replay.RunUnboundedAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var lastTwenty = await replay.RunLastTwentyAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var budgeted = await replay.RunBudgetedAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        budgeted.Requests.ShouldBe(unbounded.Requests);
        budgeted.InputTokens.ShouldBeLessThan(unbounded.InputTokens / 2);
        budgeted.CostUsd.ShouldBeLessThan(unbounded.CostUsd);
        budgeted.CostUsd.ShouldBeLessThan(lastTwenty.CostUsd);
        budgeted.LargestRequest.ShouldBeLessThanOrEqualTo(50_000);
        budgeted.LedgerUsd.ShouldBe(budgeted.CostUsd);
    }

    [Fact]
    public async Task Greetings_blank_texts_and_aborted_calls_are_replayed_as_a_provider_takes_them()
    {
        var replay = new ConversationReplay(
        [
            new RecordedConversation
            {
                Id = "odd",
                Source = "test",
                Model = "any",
                Messages =
                [
                    new ChatMessage(ChatRole.Assistant, "How can I help?"),
                    new ChatMessage(ChatRole.User, "Look it up."),
                    new ChatMessage(ChatRole.Assistant, [new TextContent("  "), new FunctionCallContent("a", "look", null)]),
                    new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "")]),
                    new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("b", "look", null)]),
                    new ChatMessage(ChatRole.User, "Stop."),
                    new ChatMessage(ChatRole.Assistant, "Stopped."),
                ],
            },
        ]);

        var run = await replay.RunUnboundedAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        run.Requests.ShouldBe(3);
        run.Verdict!.ShouldStartWith("clean");
    }

    private static RecordedConversation LongConversation()
    {
        var messages = new List<ChatMessage> { new(ChatRole.System, "You look things up."), new(ChatRole.User, "Look up everything.") };
        for (var round = 0; round < 90; round++)
        {
            messages.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"call{round}", "look", new Dictionary<string, object?> { ["round"] = round })]));
            messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"call{round}", string.Concat(Enumerable.Repeat($"line of {round}; ", 400)))]));
        }

        messages.Add(new ChatMessage(ChatRole.Assistant, "Done."));
        return new RecordedConversation { Id = "long", Source = "test", Model = "any", Messages = messages };
    }
}
