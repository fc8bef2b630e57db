using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Where a wrapped method's usage is taken from.</summary>
public sealed class WrapperUsageTests
{
    private static readonly UsageDetails Reported = new() { InputTokenCount = 70, OutputTokenCount = 5 };

    private static AgentMethod Bind(CallSample sample) => sample.Runtime.Bind(CallSample.Policy());

    [Fact]
    public async Task From_the_response()
    {
        await using var sample = new CallSample();
        var call = Bind(sample).Begin();
        call.UserMessage("q", "one two");
        await call.WrapAsync(
            ReplyFormat.Response, static (usage, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")) { Usage = usage }), Reported, default);
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Usage.TotalInput, line.Usage.TotalOutput, line.IsEstimate).ShouldBe((70, 5, false));
    }

    [Fact]
    public async Task From_the_usage_in_a_stream()
    {
        await using var sample = new CallSample();
        var call = Bind(sample).Begin();
        call.UserMessage("q", "one two");
        await call.WrapStream(static (usage, _, _) => StreamAsync(usage), Reported, default).ToChatResponseAsync();
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Usage.TotalInput, line.Usage.TotalOutput, line.IsEstimate).ShouldBe((70, 5, false));

        static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(UsageDetails usage)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "x");
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop };
        }
    }

    [Fact]
    public async Task Otherwise_it_is_counted_and_flagged()
    {
        await using var sample = new CallSample();
        var call = Bind(sample).Begin();
        call.UserMessage("q", "one two");
        var reply = await call.WrapReplyAsync(ReplyFormat.Text, static (_, _, _) => Task.FromResult(new AgentReply<string>("three four five")), 0, default);
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        line.IsEstimate.ShouldBeTrue();
        // Words and frames.
        (line.Usage.TotalInput, line.Usage.TotalOutput).ShouldBe((2 + 4 + 3, 3 + 4));
        (reply.Value, reply.Usage, reply.Cost, reply.IsEstimate).ShouldBe(("three four five", line.Usage, line.Cost, true));
    }

    [Fact]
    public async Task A_limit_in_dollars_needs_to_know_the_model_and_says_so_at_the_start()
    {
        await using var sample = new CallSample();
        var limited = CallSample.Policy(new BudgetSettings { LimitUsd = 1 });

        Should.Throw<TokenBudgetConfigurationException>(() => sample.Runtime.Bind(limited with { Settings = limited.Settings with { Model = null } })).Message.ShouldContain("TokenBudgetModel");
        sample.Runtime.Bind(limited with { Settings = limited.Settings with { Model = "claude-sonnet-4-5" } }).ShouldNotBeNull();
    }
}
