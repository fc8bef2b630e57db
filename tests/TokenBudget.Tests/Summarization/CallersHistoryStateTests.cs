using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Summarization;

/// <summary>
/// Any course a history may take that a caller keeps: it grows, is taken back and goes on otherwise, is sent through another process. Every prompt tells of
/// every question exactly once, by itself or in a summary, and of none that was taken back.
/// </summary>
public sealed partial class CallersHistoryStateTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 5_000 : 60;

    /// <summary>What happens in one step.</summary>
    public enum Step
    {
        Turn, ToolTurn, System, TakeBack, TakeBackFar, Pause, OtherProcess, Restart,
    }

    [Fact]
    public void Every_prompt_tells_of_every_question_once()
    {
        var steps = Gen.Elements(Enum.GetValues<Step>()).Or(Gen.Constant(Step.Turn)).Or(Gen.Constant(Step.Turn)).ArrayOf(40);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Runs), Prop.ForAll(steps.ToArbitrary(), static steps => RunAsync(steps).GetAwaiter().GetResult()));
    }

    private static async Task RunAsync(Step[] steps)
    {
        var store = new InMemoryConversationStore();
        // A summary says which questions it stands for.
        var fake = SummarySample.Client(static request => FakeReply.Text(string.Join(' ', Questions(request.Texts[1]))));
        var settings = SummarySample.Settings with { SummaryMaxWords = 50 };
        CallSample[] samples = [new(conversations: store), new(conversations: store)];
        var history = new List<ChatMessage>();
        var process = 0;
        var questions = 0;
        foreach (var step in steps)
        {
            switch (step)
            {
                case Step.Turn or Step.ToolTurn:
                    history.Add(new ChatMessage(ChatRole.User, $"Q{questions++}Q with some words of its own"));
                    if (step == Step.ToolTurn)
                    {
                        history.Add(new ChatMessage(ChatRole.Assistant, [Agent.Call("a", "tool", ("x", "1")), Agent.Call("b", "tool", ("x", "2"))]));
                        history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "one"), new FunctionResultContent("b", "two")]));
                    }

                    var call = samples[process].Bind(fake, settings).Begin();
                    call.Messages("history", history);
                    history.Add(new ChatMessage(ChatRole.Assistant, await call.InvokeAsync(ReplyFormat.Text, default)));
                    await samples[process].Runtime.DrainAsync();
                    var sent = fake.Requests.Last(static request => !SummarySample.IsForSummary(request));
                    Questions(string.Join('\n', sent.Texts)).ShouldBe(Questions(string.Join('\n', history.Select(static message => message.Text))));
                    sent.Messages.Where(static message => message.Role == ChatRole.System).Select(static message => message.Text)
                        .ShouldBe(history.Where(static message => message.Role == ChatRole.System).Select(static message => message.Text));
                    Calls(sent.Messages).ShouldBe(Results(sent.Messages));
                    break;
                case Step.System:
                    history.Add(new ChatMessage(ChatRole.System, $"rule {questions}"));
                    break;
                case Step.TakeBack or Step.TakeBackFar:
                    var turns = history.Select(static (message, index) => (message, index)).Where(static at => at.message.Role == ChatRole.User).ToList();
                    if (turns.Count > 0)
                        history.RemoveRange(turns[step == Step.TakeBack ? turns.Count - 1 : turns.Count / 2].index, history.Count - turns[step == Step.TakeBack ? turns.Count - 1 : turns.Count / 2].index);
                    break;
                case Step.Pause:
                    samples[process].Pause();
                    break;
                case Step.OtherProcess:
                    process = 1 - process;
                    break;
                case Step.Restart:
                    await samples[process].DisposeAsync();
                    samples[process] = new CallSample(conversations: store);
                    break;
            }
        }

        foreach (var sample in samples)
        {
            sample.ShouldHoldNothing();
            await sample.DisposeAsync();
        }
    }

    private static List<string> Questions(string text) => [.. Question().Matches(text).Select(static match => match.Value)];

    private static List<string> Calls(IReadOnlyList<ChatMessage> messages) =>
        [.. messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>().Select(static call => call.CallId)];

    private static List<string> Results(IReadOnlyList<ChatMessage> messages) =>
        [.. messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => result.CallId)];

    [GeneratedRegex(@"Q\d+Q")]
    private static partial Regex Question();
}
