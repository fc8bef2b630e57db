using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Summarization;

/// <summary>Any course a conversation may take with any answers of the summary model: nothing is lost, nothing is paid for in vain, nothing loops.</summary>
public sealed class SummaryStateTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 10_000 : 100;

    /// <summary>What happens in one step.</summary>
    public enum Step
    {
        Turn, LongTurn, ToolTurn, Pause, Reopen, SummaryFails, SummaryIsEmpty, SummaryIsTooLong, SummaryWorks,
    }

    [Fact]
    public void Every_course_keeps_the_promises()
    {
        var steps = Gen.Elements(Enum.GetValues<Step>()).Or(Gen.Constant(Step.Turn)).ArrayOf(40);
        var settings = Gen.Elements(
            new BudgetSettings { SummarizeAfterMessages = 4 },
            new BudgetSettings { SummarizeAfterMessages = 7, MaxContextTokens = 900, MaxOutputTokens = 100 },
            new BudgetSettings { SummarizeAfterTokens = 90, MaxMessages = 8 },
            new BudgetSettings { SummarizeAfterMessages = 1_000, MaxContextTokens = 700, MaxOutputTokens = 50, Window = WindowPolicy.Sliding });
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Runs),
            Prop.ForAll(steps.Zip(settings).ToArbitrary(), static course => RunAsync(course.Item1, course.Item2).GetAwaiter().GetResult()));
    }

    private static async Task RunAsync(Step[] steps, BudgetSettings settings)
    {
        await using var sample = new CallSample();
        var summary = Step.SummaryWorks;
        var fake = SummarySample.Client(request =>
        {
            // Pains 18 and 19: what is summarized is always something new, and never a summary alone.
            request.Texts[1].ShouldContain("[user] question ");
            return summary switch
            {
                Step.SummaryFails => FakeReply.Fails(new IOException()),
                Step.SummaryIsEmpty => FakeReply.Text(""),
                Step.SummaryIsTooLong => FakeReply.Text(string.Join(' ', Enumerable.Repeat("w", 500))),
                _ => FakeReply.Text("they talked"),
            };
        });
        var method = sample.Bind(fake, settings with { Summarized = true, SummaryMaxWords = 20 });
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var turns = 0;
        foreach (var step in steps)
        {
            var earlier = conversation.Summary;
            var (asked, version) = (fake.ForSummaries().Count, conversation.Version);
            switch (step)
            {
                case Step.Turn or Step.LongTurn or Step.ToolTurn:
                    var words = step == Step.LongTurn ? " " + string.Join(' ', Enumerable.Repeat("long", 60)) : "";
                    if (step == Step.ToolTurn)
                        fake.Add(FakeReply.Calls(null, Agent.Call("a", "tool", ("x", "1"))));
                    await method.AskAsync(
                        ReplyFormat.Text, $"question {turns++}{words}", conversation, new ChatOptions { Tools = [AIFunctionFactory.Create(static (string x) => x, "tool")] });
                    await sample.Runtime.DrainAsync();
                    conversation.Version.ShouldBe(version + (step == Step.ToolTurn ? 4 : 2), "a turn is never lost to a summary");
                    (fake.ForSummaries().Count - asked).ShouldBeLessThanOrEqualTo(1, "one pass a turn at most");
                    break;
                case Step.Pause:
                    sample.Pause();
                    break;
                case Step.Reopen:
                    var reopened = await sample.Runtime.OpenConversationAsync("c");
                    reopened.Messages.Select(ChatMessageJson.Write).ShouldBe(conversation.Messages.Select(ChatMessageJson.Write));
                    reopened.Summary.ShouldBe(conversation.Summary);
                    conversation = reopened;
                    break;
                default:
                    summary = step;
                    break;
            }

            (conversation.Summary?.ThroughSequence ?? -1).ShouldBeGreaterThanOrEqualTo(earlier?.ThroughSequence ?? -1);
            ((conversation.Summary?.ThroughSequence ?? -1) + 1 + conversation.Messages.Count).ShouldBe(conversation.Version, "what no summary covers is there");
            if (conversation.Messages.Count > 0)
                conversation.Messages[0].Role.ShouldBe(ChatRole.User, "what is left begins with a turn");
        }

        sample.ShouldHoldNothing();
    }
}
