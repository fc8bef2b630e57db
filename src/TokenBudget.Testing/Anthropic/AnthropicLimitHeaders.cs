using System.Globalization;

namespace TokenBudget.Testing;

/// <summary><c>anthropic-ratelimit-*</c>: limit, remaining and reset of requests, input, output and all tokens.</summary>
internal static class AnthropicLimitHeaders
{
    public static IEnumerable<KeyValuePair<string, string>> Of(IReadOnlyList<LimitState> limits, DateTimeOffset now, bool withPriority)
    {
        var input = Tightest(limits, LimitUnit.InputTokens);
        var output = Tightest(limits, LimitUnit.OutputTokens);
        foreach (var header in One("anthropic-ratelimit-requests", Tightest(limits, LimitUnit.Requests), now))
            yield return header;
        foreach (var header in One("anthropic-ratelimit-input-tokens", input, now))
            yield return header;
        foreach (var header in One("anthropic-ratelimit-output-tokens", output, now))
            yield return header;
        foreach (var header in One("anthropic-ratelimit-tokens", Combined(limits, input, output), now))
            yield return header;
        if (!withPriority)
            yield break;
        // The buckets of the priority tier are not simulated apart: the same figures under its names (assumed).
        foreach (var header in One("anthropic-priority-input-tokens", input, now).Concat(One("anthropic-priority-output-tokens", output, now)))
            yield return header;
    }

    /// <summary>The workspace's or the organisation's: the one with less left (documented as the most restrictive in effect).</summary>
    private static LimitState? Tightest(IReadOnlyList<LimitState> limits, LimitUnit unit) =>
        limits.Where(limit => limit.Unit == unit).OrderBy(limit => limit.Remaining).Select(limit => (LimitState?)limit).FirstOrDefault();

    /// <summary>A limit on all tokens where one is in effect (documented), else input and output together, as in recorded responses.</summary>
    private static LimitState? Combined(IReadOnlyList<LimitState> limits, LimitState? input, LimitState? output)
    {
        if (Tightest(limits, LimitUnit.Tokens) is { } all)
            return all;
        return input is { } i && output is { } o
            ? new LimitState(LimitUnit.Tokens, false, i.Limit + o.Limit, Rounded(i.Remaining) + Rounded(o.Remaining), i.UntilFull > o.UntilFull ? i.UntilFull : o.UntilFull)
            : null;
    }

    private static IEnumerable<KeyValuePair<string, string>> One(string name, LimitState? state, DateTimeOffset now)
    {
        if (state is not { } limit)
            yield break;
        var remaining = limit.Unit == LimitUnit.Requests ? limit.Remaining : Rounded(limit.Remaining);
        yield return new($"{name}-limit", limit.Limit.ToString(CultureInfo.InvariantCulture));
        yield return new($"{name}-remaining", remaining.ToString(CultureInfo.InvariantCulture));
        yield return new($"{name}-reset", WholeSecond(now + limit.UntilFull).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    // Documented: remaining tokens are rounded to the nearest thousand.
    private static long Rounded(long tokens) => (tokens + 500) / 1_000 * 1_000;

    // Up, so that nobody who waits for it is early.
    private static DateTimeOffset WholeSecond(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        var rest = utc.Ticks % TimeSpan.TicksPerSecond;
        return new DateTimeOffset(rest == 0 ? utc : utc.AddTicks(TimeSpan.TicksPerSecond - rest), TimeSpan.Zero);
    }
}
