using Microsoft.Extensions.AI;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Tests.Windowing;

/// <summary>When the economic window cuts before it has to: carrying on has become dearer than cutting, or the prompt cache is cold.</summary>
public sealed class EconomicCutTests
{
    private const double ClaudeRatio = 11.5;

    // A read costs 1, a write what the ratio says.
    private static readonly PromptCacheTerms Claude = new(ClaudeRatio, TimeSpan.FromMinutes(5));

    [Fact]
    public void The_terms_come_from_the_models_prices()
    {
        var terms = PromptCacheTerms.Of(ModelCatalogue.Default.Get("claude-sonnet-4-5"), DateTimeOffset.UnixEpoch)!;

        terms.RewriteRatio.ShouldBe(ClaudeRatio, 1e-9);
        terms.Lifetime.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_model_without_a_cheaper_cache_has_no_terms()
    {
        var rates = new TokenRates { Input = 5, Output = 9, CacheRead = 5, CacheWrite5Minutes = 5, CacheWrite1Hour = 5, Reasoning = 9 };
        var model = new ModelInfo { Id = "plain", Provider = "x", Prices = [new ModelPrices { Rates = rates }] };

        PromptCacheTerms.Of(model, DateTimeOffset.UnixEpoch).ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_cut_at_or_below_the_low_water_mark()
    {
        var history = Rounds(4);
        var window = Window(Claude, high: 100_000, low: Histories.Size(history));

        window.Reduce(history).Messages.ShouldBeSameAs(history);
    }

    /// <summary>Tools, instructions and the reserve for the answer may be half of a small context.</summary>
    [Fact]
    public void What_every_request_carries_does_not_make_a_short_history_too_long()
    {
        var history = Rounds(4);
        var size = Histories.Size(history);
        var window = Window(Claude, high: size * 10, low: size * 5);

        window.Reduce(history, fixedTokens: size * 5).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void Without_terms_nothing_is_cut_below_the_high_water_mark()
    {
        var history = Rounds(200);

        Window(cache: null, high: Histories.Size(history), low: 500).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void Carrying_a_long_tail_of_cheap_reads_is_cut_before_the_high_water_mark()
    {
        var history = Rounds(200);
        var reduction = Window(Claude, high: Histories.Size(history), low: 500).Reduce(history);

        reduction.Report.Reason.ShouldBe(ReductionReason.Economy);
        reduction.Report.TokensAfter.ShouldBeLessThan(Histories.Size(history) / 2);
    }

    [Theory]
    [InlineData(500, 4_000)]
    [InlineData(1_000, 4_000)]
    [InlineData(2_000, 4_000)]
    [InlineData(1_000, 40_000)]
    public void On_steady_growth_it_pays_no_more_than_the_plain_marks_and_little_more_than_the_best_fixed_amplitude(int low, int high)
    {
        var economic = CostOf(Window(Claude, high, low), 250);
        var plain = CostOf(Window(cache: null, high, low), 250);
        var best = Enumerable.Range(1, 16).Min(step => CostOf(Window(cache: null, Math.Min(high, low + (step * 500)), low), 250));

        economic.ShouldBeLessThanOrEqualTo(plain * 1.001);
        economic.ShouldBeLessThanOrEqualTo(best * 1.1);
    }

    [Fact]
    public void A_pause_longer_than_the_cache_lives_is_used_for_a_cut()
    {
        var start = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var history = Rounds(10);
        for (var index = 0; index < history.Count; index++)
            history[index].CreatedAt = start.AddSeconds(index);
        history.Add(new ChatMessage(ChatRole.User, "after lunch") { CreatedAt = start.AddMinutes(30) });

        var cold = Window(Claude, high: 10_000, low: 300).Reduce(history);
        history[^1].CreatedAt = start.AddMinutes(3);
        var warm = Window(Claude, high: 10_000, low: 300).Reduce(history);

        cold.Report.Reason.ShouldBe(ReductionReason.Economy);
        cold.Report.TokensAfter.ShouldBeLessThanOrEqualTo(300);
        warm.Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void An_answer_with_an_old_date_from_a_cache_is_no_pause()
    {
        var start = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var history = Rounds(10);
        foreach (var message in history)
            message.CreatedAt = message.Role == ChatRole.Assistant ? start.AddHours(-3) : start;

        Window(Claude, high: 10_000, low: 300).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void Pinned_messages_stay_in_front_of_a_cut()
    {
        var history = Rounds(200);
        history.Insert(0, new ChatMessage(ChatRole.User, "summary of what was").Pin());

        var sent = Window(Claude, high: 2_000, low: 500).Reduce(history).Messages;

        sent[0].ShouldBeSameAs(history[0]);
        sent.Count.ShouldBeLessThan(history.Count);
    }

    [Fact]
    public void A_pin_outlasts_being_stored()
    {
        var stored = System.Text.Json.JsonSerializer.Serialize(Histories.User("note").Pin(), AIJsonUtilities.DefaultOptions);
        var message = System.Text.Json.JsonSerializer.Deserialize<ChatMessage>(stored, AIJsonUtilities.DefaultOptions)!;

        PinnedMessage.IsPinned(message).ShouldBeTrue();
        PinnedMessage.IsPinned(Histories.User("note")).ShouldBeFalse();
    }

    private static ContextWindow Window(PromptCacheTerms? cache, long high, long low) =>
        new(new ContextWindowOptions { MaxTokens = high, TrimToTokens = low, PromptCache = cache }, Histories.Counter);

    /// <summary>One user message, then rounds of about 50 tokens: a call and its result.</summary>
    private static List<ChatMessage> Rounds(int rounds)
    {
        List<ChatMessage> history = [Histories.User("look everything up")];
        for (var round = 0; round < rounds; round++)
        {
            history.Add(Histories.ToolCalls($"call{round}"));
            history.Add(Histories.ToolResults(Histories.Words(30), $"call{round}"));
        }

        return history;
    }

    /// <summary>What all requests cost, in reads: what is shared with the request before is read, the rest written.</summary>
    private static double CostOf(ContextWindow window, int rounds)
    {
        var history = Rounds(rounds);
        var cost = 0.0;
        var last = 0L;
        var lastTail = -1;
        for (var count = 1; count <= history.Count; count += 2)
        {
            var report = window.Reduce(history.GetRange(0, count)).Report;
            var shared = report.TailStart == lastTail ? last : 0;
            cost += shared + ((report.TokensAfter - shared) * (ClaudeRatio + 1));
            (last, lastTail) = (report.TokensAfter, report.TailStart);
        }

        return cost;
    }
}
