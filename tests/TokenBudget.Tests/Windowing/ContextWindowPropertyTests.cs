using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.Windowing;

namespace TokenBudget.Tests.Windowing;

/// <summary>What holds for every history, over generated ones.</summary>
public sealed class ContextWindowPropertyTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    private sealed record Sample(int Seed, int Turns, int MaxTokens, int MaxMessages, WindowPolicy Policy, bool IsBroken, bool IsDated, bool Clears)
    {
        public List<ChatMessage> History()
        {
            var random = new Random(Seed);
            var history = Histories.Random(random, Turns, IsBroken);
            var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            foreach (var message in history)
                if (IsDated && random.Next(4) > 0)
                    message.CreatedAt = time = time.AddSeconds(random.Next(20) == 0 ? 900 : random.Next(-10, 60));
            return history;
        }

        public ContextWindow Window() => new(
            new ContextWindowOptions
            {
                MaxTokens = MaxTokens,
                MaxMessages = MaxMessages,
                Policy = Policy,
                TrimToTokens = Seed % 3 == 0 ? MaxTokens * 7 / 10 : 0,
                PromptCache = Seed % 2 == 0 ? new PromptCacheTerms(2, TimeSpan.FromMinutes(5)) : null,
                MaxAge = IsDated ? TimeSpan.FromMinutes(Seed % 60) : TimeSpan.Zero,
                ClearToolResults = Clears ? new ToolResultClearing { KeepNewest = Seed % 4, Placeholder = "cleared", ExcludedTools = Seed % 5 == 0 ? ["tool"] : [] } : null,
            },
            Histories.Counter);
    }

    private static Arbitrary<Sample> Samples => Arb.From(
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from turns in Gen.Choose(1, 12)
        from tokens in Gen.Choose(20, 700)
        from messages in Gen.Elements(0, 0, 2, 5, 12)
        from policy in Gen.Elements(WindowPolicy.Economic, WindowPolicy.Economic, WindowPolicy.Sliding, WindowPolicy.Sliding, WindowPolicy.None)
        from isBroken in Gen.Elements(false, true)
        from isDated in Gen.Elements(false, false, true)
        from clears in Gen.Elements(false, false, true)
        select new Sample(seed, turns, tokens, messages, policy, isBroken, isDated, clears));

    // The normal run is the same every time; the long one looks elsewhere each night and prints what to replay.
    private static void Check(Action<Sample> property)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Nightly ? 100_000 : 10_000);
        Prop.ForAll(Samples, property).Check(Nightly ? config : config.WithReplay(20_260_101, 1));
    }

    [Fact]
    public void A_reduced_history_is_within_its_limit_whole_and_begins_with_the_user() => Check(sample =>
    {
        var history = sample.History();
        var before = Histories.Json(history);
        ContextReduction reduction;
        try
        {
            reduction = sample.Window().Reduce(history);
        }
        catch (ContextOverflowException exception)
        {
            exception.Tokens.ShouldBeGreaterThan(exception.Limit);
            Histories.Json(history).ShouldBe(before);
            return;
        }

        var sent = reduction.Messages;
        Histories.Json(history).ShouldBe(before);
        Histories.Size(sent).ShouldBe(reduction.Report.TokensAfter);
        Histories.Size(sent).ShouldBeLessThanOrEqualTo(sample.MaxTokens);
        reduction.Report.TokensBefore.ShouldBe(Histories.Size(history));
        (reduction.Report.MessagesBefore, reduction.Report.MessagesAfter).ShouldBe((history.Count, sent.Count));
        reduction.Report.IsReduced.ShouldBe(!ReferenceEquals(sent, history));
        // What was whole stays whole.
        Histories.Orphans(sent).Except(Histories.Orphans(history)).ShouldBeEmpty();
        sent.Where(Histories.IsSystem).ShouldBe(history.Where(Histories.IsSystem));
        if (sent.Count < history.Count)
            sent.First(static message => !message.IsSystem()).IsPlainUser().ShouldBeTrue();
        sent.ShouldContain(history.Last(Histories.IsPlainUser));
        sent[^1].Role.ShouldBe(history[^1].Role);
    });

    [Fact]
    public void The_same_history_always_gives_the_same_window_and_a_window_gives_itself() => Check(sample =>
    {
        var history = sample.History();
        if (!TryReduce(sample.Window(), history, out var reduction) || !reduction.Report.IsReduced)
            return;
        var sent = Json(reduction.Messages);
        Json(sample.Window().Reduce(history).Messages).ShouldBe(sent);
        // A message that does not say when it was made is as old as the one before, which may be gone.
        if (sample.IsDated)
            return;
        Json(sample.Window().Reduce(reduction.Messages).Messages).ShouldBe(sent);
    });

    [Fact]
    public void Below_the_limits_the_history_itself_comes_back() => Check(sample =>
    {
        var history = sample.History();
        var window = new ContextWindow(new ContextWindowOptions { MaxTokens = Histories.Size(history), MaxMessages = history.Count, Policy = sample.Policy }, Histories.Counter);
        var reduction = window.Reduce(history);
        reduction.Messages.ShouldBeSameAs(history);
        reduction.Report.IsReduced.ShouldBeFalse();
    });

    [Fact]
    public void What_is_sent_is_an_unbroken_newest_part() => Check(sample =>
    {
        var history = sample.History();
        if (!TryReduce(sample.Window(), history, out var reduction) || !reduction.Report.IsReduced)
            return;
        var tail = history.Skip(reduction.Report.TailStart).ToList();
        reduction.Messages.TakeLast(tail.Count).Select(static message => message.Role).ShouldBe(tail.Select(static message => message.Role));
        // In front of it: the system messages of what was cut, and at most the user message that began the turn.
        reduction.Messages.SkipLast(tail.Count).Count(static message => !message.IsSystem()).ShouldBeLessThanOrEqualTo(1);
    });

    [Fact]
    public void Growing_economic_requests_share_their_prefix_except_at_cuts() => Check(sample =>
    {
        var economic = sample with { Policy = WindowPolicy.Economic, MaxMessages = 0, IsBroken = false, IsDated = false, Clears = false };
        var window = economic.Window();
        var low = economic.Seed % 3 == 0 ? economic.MaxTokens * 7 / 10 : Math.Max(1, economic.MaxTokens / 2);
        var history = economic.History();
        IReadOnlyList<ChatMessage>? last = null;
        var lastTail = 0;
        for (var length = 1; length <= history.Count; length++)
        {
            var part = history.Take(length).ToList();
            // A request is made where the model answers, with every call answered; system messages that come later move to the front.
            if (length < history.Count && (history[length].Role != ChatRole.Assistant || history[length - 1].Role == ChatRole.Assistant))
                continue;
            if (Histories.Orphans(part).Any() || history.Skip(1).Any(Histories.IsSystem) || !TryReduce(window, part, out var reduction))
                return;
            if (last is not null && reduction.Report.TailStart == lastTail)
                Json(reduction.Messages.Take(last.Count)).ShouldBe(Json(last), $"request of {length} messages");
            else if (last is not null && reduction.Report.TailStart < history.Count - 1 && LastUnitIsSmall(part, low))
                reduction.Report.TokensAfter.ShouldBeLessThanOrEqualTo(low, $"cut at {length} messages");
            (last, lastTail) = (reduction.Messages, reduction.Report.TailStart);
        }
    });

    [Fact]
    public void What_a_report_says_is_shared_with_the_request_before_is() => Check(sample =>
    {
        var window = (sample with { IsBroken = false, IsDated = false }).Window();
        var history = (sample with { IsBroken = false, IsDated = false }).History();
        IReadOnlyList<ChatMessage> last = [];
        // One that comes later takes room from the requests before, on paper.
        if (history.Skip(1).Any(Histories.IsSystem))
            return;
        for (var length = 1; length <= history.Count; length++)
        {
            var part = history.GetRange(0, length);
            if ((length < history.Count && (history[length].Role != ChatRole.Assistant || history[length - 1].Role == ChatRole.Assistant)) || Histories.Orphans(part).Any())
                continue;
            if (!TryReduce(window, part, out var reduction))
                return;
            var shared = 0;
            while (shared < Math.Min(last.Count, reduction.Messages.Count) && IsSame(last[shared], reduction.Messages[shared]))
                shared++;
            var tokens = reduction.Messages.Take(shared).Sum(message => (long)Histories.Counter.Count(message));
            // Of a call whose result has been cleared since, nothing is taken to be shared, although the call itself is.
            reduction.Report.SharedTokens.ShouldBeInRange(sample.Clears ? 0 : tokens, tokens, $"request of {length} messages");
            last = reduction.Messages;
        }
    });

    // Shortened and cleared results are new objects each time; another message may say the same by chance.
    private static bool IsSame(ChatMessage left, ChatMessage right) => ReferenceEquals(left, right) || (left.HasResults() && Json([left]) == Json([right]));

    private static string Json(IEnumerable<ChatMessage> messages) => Histories.Json(messages);

    // The last unit and the user message it belongs to stay whatever the mark; a bound on both is enough here.
    private static bool LastUnitIsSmall(List<ChatMessage> history, long low)
    {
        var start = history.FindLastIndex(Histories.IsPlainUser);
        return Histories.Size(history.Skip(start)) + Histories.Size(history.Where(Histories.IsSystem)) <= low;
    }

    private static bool TryReduce(ContextWindow window, List<ChatMessage> history, out ContextReduction reduction)
    {
        try
        {
            reduction = window.Reduce(history);
            return true;
        }
        catch (ContextOverflowException)
        {
            reduction = null!;
            return false;
        }
    }
}
