using TokenBudget.Benchmarks.Counting;
using TokenBudget.Conversations;

namespace TokenBudget.Tests.Counting;

/// <summary>After 20 calls of an agent, estimates of recorded requests are near what the provider reported.</summary>
public sealed class RecordedUsageTests
{
    private static async Task<List<RecordedConversation>> ConversationsAsync()
    {
        var conversations = new List<RecordedConversation>();
        await foreach (var conversation in RecordedConversationReader.ReadAsync(
            SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail(error.ToString())))
            conversations.Add(conversation);
        return conversations;
    }

    private static async Task<List<RecordedCall>> TauAsync() =>
        RecordedUsage.Tau(await ConversationsAsync(), await File.ReadAllLinesAsync(SharedData.File("usage/tau2-usage.dev.csv")));

    private static bool IsAgent(RecordedCall call) => call.Agent.EndsWith("assistant", StringComparison.Ordinal);

    [SharedDataFact]
    public async Task Hidden_tools_are_learned_for_each_agent()
    {
        var run = CalibrationRun.Of((await TauAsync()).Where(IsAgent), RecordedUsage.TauModel);
        run.Learned.ShouldBeGreaterThan(10);
        ShouldBeNear(run);
        // One set of tools for each of three domains, learned once.
        run.Moves.ShouldBe(3);
    }

    [SharedDataFact]
    public async Task What_is_hidden_in_one_conversation_alone_is_learned_with_its_first_report()
    {
        var calls = await TauAsync();
        ShouldBeNear(CalibrationRun.Of(calls.Where(static call => !IsAgent(call)), RecordedUsage.TauModel));
        var run = CalibrationRun.Of(calls, RecordedUsage.TauModel);
        run.Learned.ShouldBeGreaterThan(20);
        ShouldBeNear(run);
    }

    [SharedDataFact]
    public async Task Agents_that_share_a_name_are_told_apart_by_their_system_texts()
    {
        var run = CalibrationRun.Of((await TauAsync()).Where(IsAgent).Select(static call => call with { Agent = "one" }), RecordedUsage.TauModel);
        run.Learned.ShouldBeGreaterThan(40);
        ShouldBeNear(run);
    }

    [SharedDataFact]
    public async Task The_ratio_of_a_model_without_a_public_tokenizer_is_learned()
    {
        var calls = RecordedUsage.Pi(await ConversationsAsync(), await File.ReadAllLinesAsync(SharedData.File("usage/pi-sessions-usage.dev.csv")));
        var run = CalibrationRun.Of(calls, RecordedUsage.PiModel);
        run.Learned.ShouldBe(419);
        ShouldBeNear(run);
        run.MovesWithin.ShouldBeLessThan(10, "a window's cuts must not move at every request");
    }

    private static void ShouldBeNear(CalibrationRun run)
    {
        run.Median.ShouldBeLessThanOrEqualTo(0.03, run.Describe("run"));
        run.Within10Percent.ShouldBeGreaterThanOrEqualTo(0.95, run.Describe("run"));
    }
}
