using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Windowing.Histories;

namespace TokenBudget.Tests.Windowing;

/// <summary>Old tool results that give way to a placeholder.</summary>
public sealed class ToolResultClearingTests
{
    private const string Placeholder = "gone";

    private static readonly ToolResultClearing KeepTwo = new() { KeepNewest = 2, Placeholder = Placeholder };

    private static ContextWindow Window(long high, long low, WindowPolicy policy = WindowPolicy.Economic, ToolResultClearing? clearing = null, PromptCacheTerms? cache = null) =>
        new(new ContextWindowOptions { MaxTokens = high, TrimToTokens = low, Policy = policy, ClearToolResults = clearing ?? KeepTwo, PromptCache = cache }, Counter);

    [Theory]
    [InlineData(WindowPolicy.Economic)]
    [InlineData(WindowPolicy.Sliding)]
    [InlineData(WindowPolicy.None)]
    public void With_every_policy_calls_stay_in_pairs_and_reach_further_back(WindowPolicy policy)
    {
        var history = Rounds(10, result: 100);
        var before = Json(history);

        var (sent, report) = Window(900, 600, policy).Reduce(history);

        Orphans(sent).ShouldBeEmpty();
        sent.Count.ShouldBe(history.Count);
        Size(sent).ShouldBe(report.TokensAfter);
        report.TokensAfter.ShouldBeLessThanOrEqualTo(900);
        (report.ClearedResults, report.TruncatedResults, report.Reason, report.TailStart).ShouldBe((Texts(sent).Count(static text => text == Placeholder), 0, ReductionReason.Tokens, 0));
        // The oldest are cleared, and no more than has to be.
        Texts(sent).ShouldBe([.. Enumerable.Repeat(Placeholder, report.ClearedResults), .. Texts(history).Skip(report.ClearedResults)]);
        Json(history).ShouldBe(before);
    }

    [Fact]
    public void Below_the_limit_nothing_is_cleared()
    {
        var history = Rounds(10, result: 100);

        Window(Size(history), 100).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void The_newest_stay_whole_and_what_is_then_too_much_is_left_out()
    {
        var history = Rounds(10, result: 100);

        var (sent, report) = Window(400, 300).Reduce(history);

        Texts(sent).TakeLast(2).ShouldAllBe(static text => text != Placeholder);
        Texts(sent).SkipLast(2).ShouldAllBe(static text => text == Placeholder);
        sent.Count.ShouldBeLessThan(history.Count);
        sent[0].ShouldBeSameAs(history[0]);
        report.TokensAfter.ShouldBeLessThanOrEqualTo(300);
        Window(400, 300, clearing: KeepTwo with { KeepNewest = 0 }).Reduce(history).Messages[^1].ShouldBeSameAs(history[^1], "the model has not yet seen it");
    }

    [Fact]
    public void Results_of_excluded_tools_and_short_ones_stay()
    {
        List<ChatMessage> history = [User("u")];
        for (var round = 0; round < 6; round++)
        {
            history.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"a{round}", "policy"), new FunctionCallContent($"b{round}", "search"), new FunctionCallContent($"c{round}", "ping")]));
            history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"a{round}", "P " + Words(20)), new FunctionResultContent($"b{round}", "S " + Words(60)), new FunctionResultContent($"c{round}", "ok")]));
        }

        var (sent, report) = Window(700, 500, clearing: KeepTwo with { ExcludedTools = ["policy"] }).Reduce(history);

        report.ClearedResults.ShouldBeGreaterThan(2);
        Texts(sent).Count(static text => text == Placeholder).ShouldBe(report.ClearedResults);
        Texts(sent).Count(static text => text[0] == 'P').ShouldBe(6);
        Texts(sent).Count(static text => text == "ok").ShouldBe(6);
        Size(sent).ShouldBe(report.TokensAfter);
    }

    [Fact]
    public void Between_two_cuts_the_prefix_stays_as_it_is()
    {
        var history = Rounds(1, result: 100);
        var window = Window(900, 600);
        var last = "";
        var changes = 0;
        for (var round = 1; round < 40; round++)
        {
            history.AddRange([ToolCalls($"n{round}"), ToolResults(Words(60), $"n{round}")]);
            var sent = string.Join('\n', window.Reduce(history).Messages.Select(static message => Json([message])));
            changes += sent.StartsWith(last, StringComparison.Ordinal) ? 0 : 1;
            last = sent;
        }

        // Each cut makes room for about 300 tokens, four rounds and more.
        changes.ShouldBeInRange(2, 39 / 4);
    }

    [Fact]
    public void It_waits_until_reading_what_it_would_clear_has_cost_more_than_writing_the_rest_anew()
    {
        var terms = new PromptCacheTerms(2, TimeSpan.FromMinutes(5));
        var history = Rounds(8, result: 100);

        var early = Window(100_000, 600, cache: terms).Reduce(history.GetRange(0, 15));
        var late = Window(100_000, 600, cache: terms).Reduce([.. history, .. Enumerable.Range(0, 12).Select(static index => Answer($"a{index}"))]);

        early.Report.IsReduced.ShouldBeFalse();
        late.Report.Reason.ShouldBe(ReductionReason.Economy);
        late.Report.ClearedResults.ShouldBeGreaterThan(0);
        late.Report.TailStart.ShouldBe(0);
    }

    [Fact]
    public void A_result_that_was_shortened_because_it_could_never_fit_is_cleared_with_the_others()
    {
        List<ChatMessage> history = [User("u"), ToolCalls("big"), ToolResults(Words(5_000), "big"), .. Rounds(10, result: 60).Skip(1)];

        var (sent, report) = Window(900, 600).Reduce(history);

        Texts(sent)[0].ShouldBe(Placeholder);
        report.TruncatedResults.ShouldBe(0);
        Size(sent).ShouldBe(report.TokensAfter);
    }

    [Fact]
    public async Task A_method_asks_for_it_in_its_settings()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("done"));
        var settings = new BudgetSettings { MaxContextTokens = 700, MaxOutputTokens = 20, KeepToolResults = 1, KeepResultsOf = "other, another" };

        await sample.Client(fake, settings).GetResponseAsync(Rounds(10, result: 100));

        Texts(fake.Requests[0].Messages).Count(static text => text.StartsWith("[Old tool result", StringComparison.Ordinal)).ShouldBeGreaterThan(3);
        Orphans(fake.Requests[0].Messages).ShouldBeEmpty();
    }

    [Fact]
    public void Settings_that_mean_nothing_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Window(10, 5, clearing: new ToolResultClearing { KeepNewest = -1 }));
        Should.Throw<ArgumentException>(() => Window(10, 5, clearing: new ToolResultClearing { Placeholder = " " }));
    }

    private static List<ChatMessage> Rounds(int rounds, int result)
    {
        List<ChatMessage> history = [User("look everything up")];
        for (var round = 0; round < rounds; round++)
            history.AddRange([ToolCalls($"c{round}"), ToolResults($"r{round} {Words(result)}", $"c{round}")]);
        return history;
    }

    private static List<string> Texts(IEnumerable<ChatMessage> messages) =>
        [.. messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>().Select(static result => (string)result.Result!)];
}
