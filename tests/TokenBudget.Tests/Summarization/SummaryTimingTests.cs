using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using static TokenBudget.Tests.Summarization.SummarySample;

namespace TokenBudget.Tests.Summarization;

/// <summary>A summary takes effect where the provider's prompt cache misses in any case.</summary>
public sealed class SummaryTimingTests
{
    [Fact]
    public async Task A_prompt_that_is_cached_is_not_changed_by_a_summary()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        await sample.TalkAsync(sample.Bind(fake, Settings), conversation, 10);

        conversation.Summary!.Text.ShouldBe("they talked");
        fake.ForSummaries().Count.ShouldBe(1, "while one waits, no other is made");
        AppendedOnly(fake).ShouldBe(9, "every request repeats the one before and adds to it");
    }

    [Fact]
    public async Task When_the_cache_has_gone_cold_it_takes_effect()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings);
        await sample.TalkAsync(method, conversation, 4);
        fake.LastSent().Count.ShouldBe(7);
        sample.Pause();
        await sample.TalkAsync(method, conversation, 1);
        fake.LastSent().Count.ShouldBe(6, "summary, two turns, question");
    }

    /// <summary>The official Anthropic adapter, for one, says of each answer when it was made by the machine's clock, and not by the one we were given.</summary>
    [Theory]
    [InlineData(7 * 24 * 60, false)]
    [InlineData(7 * 24 * 60, true)]
    [InlineData(-60, false)]
    [InlineData(-60, true)]
    [InlineData(null, false)]
    [InlineData(null, true)]
    public async Task When_the_cache_has_gone_cold_is_told_by_our_clock(int? minutesOff, bool isStream)
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        using var client = new DatingClient(fake, () => sample.Time.GetUtcNow() + (minutesOff is { } minutes ? TimeSpan.FromMinutes(minutes) : null));
        var method = sample.Bind(client, Settings);
        for (var turn = 0; turn < 4; turn++)
            await TalkAsync();
        fake.LastSent().Count.ShouldBe(7, "it is warm");
        conversation.Messages.ShouldAllBe(message => message.CreatedAt == sample.Time.GetUtcNow());
        sample.Pause();
        await TalkAsync();
        fake.LastSent().Count.ShouldBe(6, "it is cold: summary, two turns, question");

        async Task TalkAsync()
        {
            if (isStream)
            {
                var call = method.Begin();
                call.Conversation(conversation);
                call.UserMessage("q", $"question {conversation.Version / 2}");
                await call.StreamAsync(default).ToListAsync().AsTask().WaitAsync(Guard);
            }
            else
            {
                await method.AskAsync(ReplyFormat.Text, $"question {conversation.Version / 2}", conversation).WaitAsync(Guard);
            }

            await sample.Runtime.DrainAsync().WaitAsync(Guard);
        }
    }

    [Fact]
    public async Task It_takes_the_place_of_a_cut_and_covers_all_that_is_dropped()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { SummarizeAfterMessages = 1_000, MaxContextTokens = 600, MaxOutputTokens = 100 });
        await sample.TalkAsync(method, conversation, 60);

        var sent = fake.Requests.Where(static request => !IsForSummary(request)).ToList();
        sent.Count.ShouldBe(60);
        var cuts = sent.Zip(sent.Skip(1)).Count(static pair => !IsPrefix(pair.First, pair.Second));
        fake.ForSummaries().Count.ShouldBeInRange(1, cuts);
        // Whatever question is not in a prompt has been in the data of a summary that was made before.
        foreach (var request in sent)
        {
            var shown = string.Join('\n', request.Texts);
            var summarized = fake.Requests.TakeWhile(other => !ReferenceEquals(other, request)).Where(IsForSummary).Select(static other => other.Texts[1]).ToList();
            var turns = sent.IndexOf(request);
            for (var turn = 0; turn <= turns; turn++)
                (shown.Contains($"question {turn}\n", StringComparison.Ordinal) || request.Texts.Contains($"question {turn}") || summarized.Exists(data => data.Contains($"[user] question {turn}\n", StringComparison.Ordinal)))
                    .ShouldBeTrue($"question {turn} is neither sent nor summarized in request {turns}");
        }
    }

    [Fact]
    public async Task Where_no_cache_is_paid_for_it_takes_effect_at_once()
    {
        await using var sample = new CallSample(static options => options.AllowUnknownPrices = true);
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { Model = "nobody-knows" });
        await sample.TalkAsync(method, conversation, 4);
        fake.LastSent()[0].ShouldContain("they talked");
    }

    [Fact]
    public async Task A_conversation_that_is_opened_again_uses_its_summary_at_once()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var method = sample.Bind(fake, Settings);
        await sample.TalkAsync(method, await sample.Runtime.OpenConversationAsync("c"), 3);
        await sample.TalkAsync(method, await sample.Runtime.OpenConversationAsync("c"), 1);
        fake.LastSent()[0].ShouldContain("they talked");
    }

    [Fact]
    public async Task Where_the_window_does_not_cut_the_caller_waits_for_a_summary_instead_of_an_error()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { SummarizeAfterMessages = 1_000, Window = WindowPolicy.None, MaxContextTokens = 500, MaxOutputTokens = 50 });
        for (var turn = 0; turn < 60; turn++)
            await method.AskAsync(ReplyFormat.Text, $"question {turn}", conversation).WaitAsync(Guard);
        await sample.Runtime.DrainAsync();
        conversation.Version.ShouldBe(120);
        fake.LastSent()[0].ShouldContain("they talked");
    }

    [Fact]
    public async Task Without_a_summary_that_helps_the_error_is_the_windows()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var method = sample.Bind(Client(FakeReply.Fails(new IOException())), Settings with { Window = WindowPolicy.None, MaxContextTokens = 200, MaxOutputTokens = 50 });
        await Should.ThrowAsync<ContextOverflowException>(() => sample.TalkAsync(method, conversation, 20));
        conversation.Version.ShouldBeGreaterThan(4);
        sample.ShouldHoldNothing();
    }

    private static int AppendedOnly(FakeChatClient fake)
    {
        var sent = fake.Requests.Where(static request => !IsForSummary(request)).ToList();
        return sent.Zip(sent.Skip(1)).Count(static pair => IsPrefix(pair.First, pair.Second));
    }

    private static bool IsPrefix(FakeRequest earlier, FakeRequest later) => later.Texts.Take(earlier.Texts.Count).SequenceEqual(earlier.Texts);
}
