using System.Globalization;

namespace TokenBudget.Testing;

/// <summary><c>x-ratelimit-{limit,remaining,reset}-{requests,tokens}</c>, and those of the project where it has limits of its own.</summary>
internal static class OpenAILimitHeaders
{
    public static IEnumerable<KeyValuePair<string, string>> Of(IReadOnlyList<LimitState> limits, bool isAzure)
    {
        List<KeyValuePair<string, string>> headers = [];
        Add("requests", LimitUnit.Requests, LimitUnit.RequestsPerDay, isWorkspace: false);
        Add("tokens", LimitUnit.Tokens, LimitUnit.TokensPerDay, isWorkspace: false);
        if (!isAzure)
        {
            Add("project-requests", LimitUnit.Requests, LimitUnit.RequestsPerDay, isWorkspace: true);
            Add("project-tokens", LimitUnit.Tokens, LimitUnit.TokensPerDay, isWorkspace: true);
        }

        return headers;

        void Add(string name, LimitUnit byMinute, LimitUnit byDay, bool isWorkspace)
        {
            // Of the minute's and the day's limit the one with less left; recorded headers with a reset of 8.64 s are of 10,000 requests a day.
            var tightest = limits.Where(limit => limit.IsWorkspace == isWorkspace && (limit.Unit == byMinute || limit.Unit == byDay))
                .OrderBy(limit => limit.Remaining).Select(limit => (LimitState?)limit).FirstOrDefault();
            if (tightest is { } state)
            {
                headers.Add(new($"x-ratelimit-limit-{name}", state.Limit.ToString(CultureInfo.InvariantCulture)));
                headers.Add(new($"x-ratelimit-remaining-{name}", state.Remaining.ToString(CultureInfo.InvariantCulture)));
                headers.Add(new($"x-ratelimit-reset-{name}", isAzure ? WholeSeconds(state.UntilFull) : GoDuration.Format(state.UntilFull)));
            }
            else if (isAzure)
            {
                // Seen from Azure where a dimension has no limit.
                headers.Add(new($"x-ratelimit-limit-{name}", "-1"));
                headers.Add(new($"x-ratelimit-remaining-{name}", "-1"));
                headers.Add(new($"x-ratelimit-reset-{name}", "0"));
            }
        }
    }

    private static string WholeSeconds(TimeSpan span) => ((long)Math.Ceiling(span.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
