using System.Globalization;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;

namespace TokenBudget.Tests.Retries;

/// <summary>What headers say is read exactly; what they do not say sensibly is not there.</summary>
public sealed class RateLimitHeadersTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static RateLimitHeaders Read(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        return RateLimitHeaders.Read(response.Headers, Now);
    }

    [Theory]
    [InlineData("20", 20_000.0)]
    [InlineData(" 20 ", 20_000.0)]
    [InlineData("0", 0.0)]
    [InlineData("0.2", 200.0)]
    [InlineData("1.5", 1_500.0)]
    [InlineData("1000000000", 1_000_000_000_000.0)]
    [InlineData("Sat, 21 Nov 2026 12:00:30 GMT", 30_000.0)]
    [InlineData("Saturday, 21-Nov-26 12:00:30 GMT", 30_000.0)]
    [InlineData("Sat Nov 21 12:00:30 2026", 30_000.0)]
    [InlineData("Sat, 21 Nov 2026 11:00:00 GMT", 0.0)]
    [InlineData("-1", null)]
    [InlineData("-0.5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("1,5", null)]
    [InlineData("1e9", null)]
    [InlineData("20 seconds", null)]
    [InlineData("Sat, 99 Nov 2026 12:00:30 GMT", null)]
    public void Retry_after_is_seconds_or_a_date(string value, double? milliseconds) =>
        Read(("Retry-After", value)).RetryAfter.ShouldBe(milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null);

    [Theory]
    [InlineData("retry-after-ms", "250", 250.0)]
    [InlineData("x-ms-retry-after-ms", "250.5", 250.5)]
    [InlineData("retry-after-ms", "0", 0.0)]
    [InlineData("retry-after-ms", "-1", null)]
    [InlineData("x-ms-retry-after-ms", "later", null)]
    public void Milliseconds_have_headers_of_their_own(string name, string value, double? milliseconds) =>
        Read((name, value)).RetryAfter.ShouldBe(milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null);

    [Fact]
    public void Of_several_waits_the_longest_holds()
    {
        Read(("Retry-After", "1"), ("retry-after-ms", "174")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        Read(("Retry-After", "1"), ("retry-after-ms", "1500")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1.5));
        Read(("Retry-After", "soon"), ("Retry-After", "3"), ("Retry-After", "2")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(3));
        Read(("RETRY-AFTER", "7")).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        Read().RetryAfter.ShouldBeNull();
    }

    [Fact]
    public void A_wait_beyond_all_bounds_is_a_long_wait_and_no_error() =>
        Read(("Retry-After", new string('9', 400))).RetryAfter.ShouldBe(TimeSpan.FromDays(36_500));

    [Theory]
    [InlineData(-5)]
    [InlineData(0)]
    [InlineData(5)]
    public void A_provider_whose_clock_is_off_is_read_by_its_own_date(int minutes)
    {
        var theirs = Now.AddMinutes(minutes);
        var read = Read(
            ("Date", theirs.ToString("r", CultureInfo.InvariantCulture)),
            ("Retry-After", theirs.AddSeconds(20).ToString("r", CultureInfo.InvariantCulture)),
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-reset", theirs.AddSeconds(12).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));

        read.RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
        read.Limits!.Requests!.Value.ResetAfter.ShouldBe(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public void Anthropic_tells_four_limits_with_rounded_tokens()
    {
        var read = Read(
            ("request-id", "req_1"),
            ("anthropic-ratelimit-requests-limit", "1000"),
            ("anthropic-ratelimit-requests-remaining", "999"),
            ("anthropic-ratelimit-requests-reset", "2026-11-21T12:00:01Z"),
            ("anthropic-ratelimit-input-tokens-limit", "80000"),
            ("anthropic-ratelimit-input-tokens-remaining", "79000"),
            ("anthropic-ratelimit-input-tokens-reset", "2026-11-21T12:00:59.5Z"),
            ("anthropic-ratelimit-output-tokens-limit", "16000"),
            ("anthropic-ratelimit-output-tokens-remaining", "0"),
            ("anthropic-ratelimit-output-tokens-reset", "2026-11-21T13:00:59+01:00"),
            ("anthropic-ratelimit-tokens-limit", "96000"),
            ("anthropic-ratelimit-tokens-remaining", "95000"));

        read.Limits!.Requests.ShouldBe(new LimitReading(1_000, 999, TimeSpan.FromSeconds(1)));
        read.Limits!.InputTokens.ShouldBe(new LimitReading(80_000, 79_000, TimeSpan.FromSeconds(59.5), 1_000));
        read.Limits!.OutputTokens.ShouldBe(new LimitReading(16_000, 0, TimeSpan.FromSeconds(59), 1_000));
        read.Limits!.TotalTokens.ShouldBe(new LimitReading(96_000, 95_000, null, 1_000));
        read.RequestId.ShouldBe("req_1");
    }

    [Fact]
    public void Of_the_usual_limits_and_those_of_the_fast_mode_the_smaller_hold_and_capacity_that_is_paid_for_is_none()
    {
        var read = Read(
            ("anthropic-ratelimit-input-tokens-limit", "80000"),
            ("anthropic-ratelimit-input-tokens-remaining", "79000"),
            ("anthropic-fast-input-tokens-limit", "50000"),
            ("anthropic-fast-input-tokens-remaining", "1000"),
            ("anthropic-fast-input-tokens-reset", "2026-11-21T12:00:57Z"),
            ("anthropic-fast-output-tokens-limit", "9000"),
            ("anthropic-priority-input-tokens-limit", "10"),
            ("anthropic-priority-output-tokens-limit", "10"));

        read.Limits!.InputTokens.ShouldBe(new LimitReading(50_000, 1_000, TimeSpan.FromSeconds(57), 1_000));
        read.Limits!.OutputTokens.ShouldBe(new LimitReading(9_000, null, null, 1_000));
    }

    [Fact]
    public void OpenAI_tells_two_limits_with_durations_and_may_add_those_of_the_project()
    {
        var read = Read(
            ("x-request-id", "req_2"),
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "29000"),
            ("x-ratelimit-reset-tokens", "6m0s"),
            ("x-ratelimit-limit-project-tokens", "20000"),
            ("x-ratelimit-remaining-project-tokens", "19990"),
            ("x-ratelimit-reset-project-tokens", "1s"));

        read.Limits!.Requests.ShouldBe(new LimitReading(500, 499, TimeSpan.FromMilliseconds(120)));
        read.Limits!.TotalTokens.ShouldBe(new LimitReading(20_000, 19_990, TimeSpan.FromMinutes(6)));
        (read.Limits.InputTokens, read.Limits.OutputTokens).ShouldBe((null, null));
        read.RequestId.ShouldBe("req_2");
    }

    [Fact]
    public void Azure_tells_seconds_and_sometimes_nothing()
    {
        Read(("x-ratelimit-limit-requests", "60"), ("x-ratelimit-reset-requests", "10")).Limits!.Requests.ShouldBe(new LimitReading(60, null, TimeSpan.FromSeconds(10)));
        Read(("x-ratelimit-limit-tokens", "-1"), ("x-ratelimit-remaining-tokens", "-1"), ("x-ratelimit-reset-tokens", "0")).Limits.ShouldBeNull();
        Read(("x-ratelimit-limit-tokens", "0"), ("x-ratelimit-remaining-tokens", "0")).Limits.ShouldBeNull();
        Read(("x-ratelimit-limit-tokens", "100"), ("x-ratelimit-remaining-tokens", "-1")).Limits!.TotalTokens.ShouldBe(new LimitReading(100, null, null));
    }

    [Theory]
    [InlineData("12ms", 12.0)]
    [InlineData("1s", 1_000.0)]
    [InlineData("6m0s", 360_000.0)]
    [InlineData("1h2m3.5s", 3_723_500.0)]
    [InlineData("2m59.56s", 179_560.0)]
    [InlineData("500us", 0.5)]
    [InlineData("500µs", 0.5)]
    [InlineData("0", 0.0)]
    [InlineData("0s", 0.0)]
    [InlineData("s", null)]
    [InlineData("1x", null)]
    [InlineData("1.2.3s", null)]
    [InlineData("-1s", null)]
    [InlineData("1s2", null)]
    [InlineData("", null)]
    public void A_duration_is_read_as_Go_writes_it(string text, double? milliseconds) =>
        HeaderDuration.Go(text).ShouldBe(milliseconds is { } some ? TimeSpan.FromMilliseconds(some) : null);

    [Fact]
    public void An_instant_since_1970_is_not_a_duration() =>
        Read(("x-ratelimit-limit-requests", "60"), ("x-ratelimit-reset-requests", "1795262400000")).Limits!.Requests!.Value.ResetAfter.ShouldBeNull();

    [Fact]
    public void Of_a_repeated_limit_the_smaller_holds() =>
        Read(("x-ratelimit-limit-requests", "60"), ("x-ratelimit-limit-requests", "40"), ("x-ratelimit-limit-requests", "junk")).Limits!.Requests!.Value.Limit.ShouldBe(40);

    [Theory]
    [InlineData("true", true)]
    [InlineData("False", false)]
    [InlineData("perhaps", null)]
    public void The_providers_opinion_about_another_attempt(string value, bool? expected) => Read(("x-should-retry", value)).ShouldRetry.ShouldBe(expected);

    /// <summary>Whatever stands in the headers: no exception, no negative number, nothing earlier than the plainest reading.</summary>
    [Fact]
    public void Junk_in_any_header_is_survived()
    {
        string[] names =
        [
            "Retry-After", "retry-after-ms", "x-ms-retry-after-ms", "Date", "x-should-retry", "request-id", "x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset",
        ];
        string[] pieces =
        [
            "-", "0", "1", "9", "99999999999999999999", ".", ",", "e", "ms", "s", "m", "h", "µs", " ", "T", "Z", ":", "+", "GMT", "Sat, ", "21 Nov 2026 ", "2026-11-21T12:00:00Z",
            "true", "∞", "NaN", "\t", "\u0000", "é", "\"",
        ];
        var random = new Random(5);
        var rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 1_000_000 : 50_000;
        for (var round = 0; round < rounds; round++)
        {
            var headers = new (string, string)[random.Next(1, 5)];
            for (var i = 0; i < headers.Length; i++)
                headers[i] = (names[random.Next(names.Length)], string.Concat(Enumerable.Range(0, random.Next(0, 6)).Select(_ => pieces[random.Next(pieces.Length)])));

            var read = ReadRaw(headers);

            if (read.RetryAfter is { } wait)
                wait.ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero, Show(headers));
            foreach (var limit in (LimitReading?[])[read.Limits?.Requests, read.Limits?.TotalTokens, read.Limits?.InputTokens, read.Limits?.OutputTokens])
                if (limit is { } told)
                    ((told.Limit is null or > 0) && (told.Remaining is null or >= 0) && !(told.ResetAfter < TimeSpan.Zero)).ShouldBeTrue(Show(headers));
        }

        static string Show((string, string)[] headers) => string.Join("; ", headers);

        static RateLimitHeaders ReadRaw((string Name, string Value)[] headers)
        {
            using var response = new HttpResponseMessage();
            foreach (var (name, value) in headers)
                response.Headers.TryAddWithoutValidation(name, value);
            return RateLimitHeaders.Read(response.Headers, Now);
        }
    }
}
