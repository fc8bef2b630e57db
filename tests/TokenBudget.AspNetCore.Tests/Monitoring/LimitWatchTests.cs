using TokenBudget.AspNetCore.Alerts;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Caching;
using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Tests.Monitoring;

public sealed class LimitWatchTests
{
    private readonly List<AlertMessage> _alerts = [];
    private readonly LimitWatch _watch;
    private DateTimeOffset _now = new(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);

    public LimitWatchTests() => _watch = new LimitWatch(_alerts.Add);

    [Fact]
    public void A_limit_that_fills_up_is_told_once_until_it_was_clearly_over()
    {
        foreach (var input in (long[])[0, 899, 900, 950, 800, 999, 701])
            Look(input);
        _alerts.Single().Text.ShouldBe("Rate limit support is 90 % full: 900 of 1,000 input tokens per minute. Calls begin to wait.");
        _alerts[0].RateLimit.ShouldBe(new AlertRateLimit("support", "inputTokens", 900, 1_000, 0));

        Look(600);
        Look(1_000);
        _alerts.Count.ShouldBe(2);
    }

    [Fact]
    public void It_is_not_told_more_than_once_a_minute()
    {
        for (var second = 0; second < 60; second++)
            Look(second % 2 == 0 ? 1_000 : 0, TimeSpan.FromSeconds(1));
        _alerts.Count.ShouldBe(1);

        Look(0, TimeSpan.FromSeconds(1));
        Look(1_000, TimeSpan.FromSeconds(1));
        _alerts.Count.ShouldBe(2);
    }

    [Fact]
    public void A_provider_that_wants_nothing_sent_and_a_full_queue_are_told()
    {
        Look(0, status: static status => status with { PausedFor = TimeSpan.FromSeconds(20), Waiting = 9 });

        _alerts.Select(static alert => alert.Kind).ShouldBe(["rateLimitQueueFull", "rateLimitPaused"]);
        _alerts[1].Until.ShouldBe(_now.AddSeconds(20));
    }

    [Fact]
    public void A_second_level_that_is_not_asked_any_more_is_told()
    {
        _watch.Look([], new ResponseCacheStatistics { SecondLevelPaused = true }, _now);
        _watch.Look([], new ResponseCacheStatistics { SecondLevelPaused = true }, _now);

        _alerts.Single().Kind.ShouldBe("cacheSecondLevelPaused");
    }

    [Fact]
    public void The_fullest_dimension_counts_and_what_is_not_limited_is_never_full()
    {
        var status = new RateLimitStatus("support", new RateLimits { RequestsPerMinute = 10, TokensPerMinute = 100 }, 9, 500, 0, 3, 0) { TotalTokens = 20 };

        LimitPressure.Of(status).ShouldBe(new LimitPressure("requests", 9, 10));
        LimitPressure.Of(status with { Effective = status.Limits with { TokensPerMinute = 21 } }).ShouldBe(new LimitPressure("tokens", 20, 21));
        LimitPressure.Of(status with { Effective = new RateLimits() }).Share.ShouldBe(0);
    }

    private void Look(long input, TimeSpan? after = null, Func<RateLimitStatus, RateLimitStatus>? status = null)
    {
        _now += after ?? TimeSpan.FromMinutes(2);
        var limit = new RateLimitStatus("support", new RateLimits { InputTokensPerMinute = 1_000, QueueLimit = 10 }, 0, input, 0, 0, 0);
        _watch.Look([status is null ? limit : status(limit)], new ResponseCacheStatistics(), _now);
    }
}
