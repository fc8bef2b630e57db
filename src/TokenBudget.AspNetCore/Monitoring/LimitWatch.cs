using System.Globalization;
using TokenBudget.AspNetCore.Alerts;
using TokenBudget.Caching;
using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>
/// Turns readings into alerts where something crosses a line: a rate limit nearly full, a full queue, a provider that wants nothing sent, a second cache level that is not
/// asked. Each is told once, and again only after it was clearly over and at least a minute later.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="publish">Takes the alerts.</param>
internal sealed class LimitWatch(Action<AlertMessage> publish)
{
    private const double Near = 0.9;
    private const double Clear = 0.7;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string What, string Name), (bool IsOn, DateTimeOffset Told)> _states = [];

    public void Look(IReadOnlyList<RateLimitStatus> limits, ResponseCacheStatistics cache, DateTimeOffset now)
    {
        foreach (var limit in limits)
        {
            var pressure = LimitPressure.Of(limit);
            if (Crosses("rateLimitNear", limit.Name, pressure.Share, now))
                Tell("rateLimitNear", AlertSeverity.Warning, limit, pressure, string.Create(CultureInfo.InvariantCulture, $"Rate limit {limit.Name} is {pressure.Share:P0} full: {pressure.Used:N0} of {pressure.Limit:N0} {pressure.Words}. Calls begin to wait."));
            if (Crosses("rateLimitQueueFull", limit.Name, (double)limit.Waiting / Math.Max(1, limit.Limits.QueueLimit), now))
                Tell("rateLimitQueueFull", AlertSeverity.Critical, limit, pressure, string.Create(CultureInfo.InvariantCulture, $"{limit.Waiting:N0} calls wait for rate limit {limit.Name}, which lets {limit.Limits.QueueLimit:N0} wait. Further ones are refused."));
            if (Crosses("rateLimitPaused", limit.Name, limit.PausedFor > TimeSpan.Zero ? 1 : 0, now))
                Tell("rateLimitPaused", AlertSeverity.Warning, limit, pressure, string.Create(CultureInfo.InvariantCulture, $"The provider wants nothing sent under rate limit {limit.Name} for {limit.PausedFor.TotalSeconds:N0} s."), now + limit.PausedFor);
        }

        if (Crosses("cacheSecondLevelPaused", string.Empty, cache.SecondLevelPaused ? 1 : 0, now))
            publish(new AlertMessage("cacheSecondLevelPaused", AlertSeverity.Warning, now, "The second level of the response cache fails; the memory of this process answers alone for a while."));

        void Tell(string kind, AlertSeverity severity, RateLimitStatus limit, LimitPressure pressure, string text, DateTimeOffset? until = null) =>
            publish(new AlertMessage(kind, severity, now, text)
            {
                RateLimit = new AlertRateLimit(limit.Name, pressure.Dimension ?? "none", pressure.Used, pressure.Limit, limit.Waiting),
                Until = until,
            });
    }

    private bool Crosses(string what, string name, double share, DateTimeOffset now)
    {
        var (isOn, told) = _states.GetValueOrDefault((what, name), (false, DateTimeOffset.MinValue));
        var news = !isOn && share >= Near && now - told >= Quiet;
        if (news)
            _states[(what, name)] = (true, now);
        else if (isOn && share < Clear)
            _states[(what, name)] = (false, told);
        return news;
    }
}
