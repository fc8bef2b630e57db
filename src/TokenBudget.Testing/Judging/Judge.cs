using System.Globalization;
using Kind = TokenBudget.Testing.SimulatorFindingKind;

namespace TokenBudget.Testing;

/// <summary>Judges a log. Each method is one rule.</summary>
/// <param name="log">What the client did, in order of arrival.</param>
/// <param name="connections">The connections that carried it.</param>
/// <param name="rules">What is allowed.</param>
internal sealed class Judge(IReadOnlyList<SimulatedExchange> log, IReadOnlyList<Connection> connections, SimulatorVerdictRules rules)
{
    private readonly List<SimulatorFinding> _findings = [];

    // Whoever was told to wait: the same client with the same key, for models of the same class.
    private readonly List<List<SimulatedExchange>> _groups =
        [.. log.GroupBy(exchange => (exchange.ClientId, exchange.KeyId, exchange.LimitClass)).Select(group => group.ToList())];

    /// <param name="leaks">What is still open although the client is done; nothing while it may go on.</param>
    public SimulatorVerdict Decide(IReadOnlyList<SimulatorFinding> leaks)
    {
        var mostProbes = 0;
        foreach (var group in _groups)
        {
            var refusals = group.Where(exchange => exchange is { RetryAfter: not null, RespondedAt: not null }).ToList();
            FindEarlyCalls(group, refusals);
            mostProbes = Math.Max(mostProbes, FindStorms(group, refusals));
        }

        FindForbiddenRetries();
        FindInvalidRequests();
        FindTruncatedReplies();
        var calls = log.Where(exchange => exchange.CallId.Length > 0).GroupBy(exchange => (exchange.ClientId, exchange.CallId)).ToList();
        // A request of which not even the body came is a call of its own.
        var callCount = calls.Count + log.Count(exchange => exchange.CallId.Length == 0);
        FindTooManyAttempts(calls.Select(call => call.ToList()));
        if (rules.MaxRequestsPerCall is { } most && log.Count > most * callCount)
            Hold(Kind.TooManyRequests, null, string.Create(CultureInfo.InvariantCulture, $"{log.Count} requests for {callCount} calls are more than {most} for each"));
        var rateLimited = log.Where(exchange => exchange.Status == 429).ToList();
        if (rateLimited.Count > rules.MaxRateLimited)
            Hold(Kind.RateLimited, rateLimited[rules.MaxRateLimited.Value], $"{rateLimited.Count} requests ({Numbers(rateLimited)}) were answered 429; {rules.MaxRateLimited} allowed");
        var mostConnections = Connection.MostAtOnce(connections);
        if (mostConnections > rules.MaxConnections)
            Hold(Kind.TooManyConnections, null, $"{mostConnections} connections were open at once; {rules.MaxConnections} allowed");
        var worst = WorstMinute();
        _findings.AddRange(leaks);

        return new SimulatorVerdict
        {
            Findings = [.. _findings.OrderBy(finding => finding.Request?.Number ?? int.MaxValue)],
            Requests = log.Count,
            Calls = callCount,
            MostAttempts = log.Select(exchange => exchange.Attempt).DefaultIfEmpty().Max(),
            RateLimited = rateLimited.Count,
            MostProbes = mostProbes,
            Connections = connections.Count,
            MostConnections = mostConnections,
            WorstMinute = worst,
        };
    }

    private void FindEarlyCalls(List<SimulatedExchange> group, List<SimulatedExchange> refusals)
    {
        foreach (var exchange in group)
        {
            if (refusals.Where(refusal => IsTooEarly(exchange, refusal)).MaxBy(EndOf) is not { } broken)
                continue;
            Hold(Kind.EarlyCall, exchange, string.Create(
                CultureInfo.InvariantCulture,
                $"{(EndOf(broken) - exchange.ArrivedAt).TotalSeconds:0.###} s before the {broken.RetryAfter!.Value.TotalSeconds:0.###} s that request {broken.Number} was told to wait were over"));
        }
    }

    private bool IsTooEarly(SimulatedExchange exchange, SimulatedExchange refusal)
    {
        // What had arrived when the refusal was sent cannot have known of it.
        if (exchange.Number <= refusal.LastNumberBeforeResponse)
            return false;
        // A retry cannot have been in flight; another call can.
        var known = exchange.CallId == refusal.CallId ? refusal.RespondedAt!.Value : refusal.RespondedAt!.Value + rules.InFlightGrace;
        return exchange.ArrivedAt >= known && exchange.ArrivedAt < EndOf(refusal);
    }

    /// <returns>The most requests that came at once after a cool-down.</returns>
    private int FindStorms(List<SimulatedExchange> group, List<SimulatedExchange> refusals)
    {
        var most = 0;
        foreach (var end in CoolDownEnds(refusals))
        {
            var after = group.Where(exchange => exchange.ArrivedAt >= end).ToList();
            if (after.Count == 0)
                break;
            // By number and not by time: on a clock that stands still everything happens at the same instant.
            var firstAnswer = after.Where(exchange => exchange.RespondedAt is not null).Select(exchange => exchange.LastNumberBeforeResponse).DefaultIfEmpty(int.MaxValue).Min();
            var atOnce = after.TakeWhile(exchange => exchange.Number <= firstAnswer && exchange.ArrivedAt - after[0].ArrivedAt < rules.ProbeTime).ToList();
            most = Math.Max(most, atOnce.Count);
            if (atOnce.Count > rules.MaxProbes)
                Hold(Kind.Storm, atOnce[0], $"{atOnce.Count} requests ({Numbers(atOnce)}) at once after a cool-down, before one of them was answered; {rules.MaxProbes} allowed");
        }

        return most;
    }

    /// <summary>When there was nothing to wait for any more; waits that overlap are one cool-down.</summary>
    private static IEnumerable<DateTimeOffset> CoolDownEnds(IEnumerable<SimulatedExchange> refusals)
    {
        DateTimeOffset? end = null;
        foreach (var refusal in refusals.Where(refusal => refusal.RetryAfter > TimeSpan.Zero).OrderBy(refusal => refusal.RespondedAt))
        {
            if (refusal.RespondedAt >= end)
                yield return end.Value;
            end = end > EndOf(refusal) ? end : EndOf(refusal);
        }

        if (end is { } last)
            yield return last;
    }

    private void FindForbiddenRetries()
    {
        var hopeless = new Dictionary<(string Client, string Call), SimulatedExchange>();
        foreach (var exchange in log.Where(exchange => exchange.CallId.Length > 0))
        {
            var call = (exchange.ClientId, exchange.CallId);
            if (hopeless.TryGetValue(call, out var before) && exchange.Number > before.LastNumberBeforeResponse)
                Hold(Kind.ForbiddenRetry, exchange, $"repeats request {before.Number}, which was answered {before.Status} {before.ErrorCode ?? before.ErrorType}: that never goes away");
            else if (exchange is { RespondedAt: not null, MayBeRetried: false })
                hopeless.TryAdd(call, exchange);
        }
    }

    private void FindInvalidRequests()
    {
        foreach (var exchange in log.Where(exchange => exchange is { Status: 400 or 413, IsPlayed: false }))
            Hold(Kind.InvalidRequest, exchange, exchange.ErrorMessage ?? "");
    }

    private void FindTruncatedReplies()
    {
        foreach (var exchange in log.Where(exchange => exchange is { Status: 200, Completed: false }))
        {
            if (exchange.ContinuedBy is { } number)
                Hold(Kind.TruncatedReply, exchange, $"its reply broke off, and request {number} goes on with it as the model's words");
            else if (exchange is { AcceptedAsComplete: true, EndedAt: not null })
                Hold(Kind.TruncatedReply, exchange, "its reply broke off, and the client says that it was whole");
        }
    }

    private void FindTooManyAttempts(IEnumerable<List<SimulatedExchange>> calls)
    {
        foreach (var call in calls.Where(call => call.Count > rules.MaxAttempts))
            Hold(Kind.TooManyAttempts, call[^1], $"attempt {call.Count} of one call ({Numbers(call)}); {rules.MaxAttempts} allowed");
    }

    private SimulatedMinute WorstMinute()
    {
        var worst = default(SimulatedMinute);
        foreach (var group in log.Where(exchange => exchange.LimitClass.Length > 0).GroupBy(exchange => exchange.LimitClass))
        {
            List<SimulatedExchange> all = [.. group];
            worst = new SimulatedMinute(
                Math.Max(worst.Requests, Worst(all, "requests", rules.MaxRequestsPerMinute, _ => 1)),
                Math.Max(worst.InputTokens, Worst(all, "input tokens", rules.MaxInputTokensPerMinute, InputOf)),
                Math.Max(worst.OutputTokens, Worst(all, "output tokens", rules.MaxOutputTokensPerMinute, exchange => exchange.OutputTokens)),
                Math.Max(worst.Tokens, Worst(all, "tokens", rules.MaxTokensPerMinute, exchange => InputOf(exchange) + exchange.CacheReadTokens + exchange.OutputTokens)));
        }

        return worst;

        static long InputOf(SimulatedExchange exchange) => (long)exchange.InputTokens + exchange.CacheWrite5MinutesTokens + exchange.CacheWrite1HourTokens;
    }

    private long Worst(List<SimulatedExchange> group, string what, long? allowed, Func<SimulatedExchange, long> amount)
    {
        var (sum, worst, first, worstFirst, worstLast) = (0L, 0L, 0, 0, 0);
        for (var last = 0; last < group.Count; last++)
        {
            sum += amount(group[last]);
            while (group[last].ArrivedAt - group[first].ArrivedAt >= TimeSpan.FromMinutes(1))
                sum -= amount(group[first++]);
            if (sum > worst)
                (worst, worstFirst, worstLast) = (sum, first, last);
        }

        if (worst > allowed)
        {
            Hold(Kind.OverLimit, group[worstLast], string.Create(
                CultureInfo.InvariantCulture,
                $"{worst:N0} {what} in the 60 s that begin with request {group[worstFirst].Number}; {allowed:N0} allowed"));
        }

        return worst;
    }

    private void Hold(Kind kind, SimulatedExchange? request, string reason) => _findings.Add(new SimulatorFinding { Kind = kind, Request = request, Reason = reason });

    private static DateTimeOffset EndOf(SimulatedExchange refusal) => refusal.RespondedAt!.Value + refusal.RetryAfter!.Value;

    private static string Numbers(List<SimulatedExchange> requests) =>
        requests.Count <= 10
            ? string.Join(", ", requests.Select(request => request.Number))
            : $"{string.Join(", ", requests.Take(9).Select(request => request.Number))}, … {requests[^1].Number}";
}
