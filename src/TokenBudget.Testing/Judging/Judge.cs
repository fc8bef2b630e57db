namespace TokenBudget.Testing;

/// <summary>Judges a log.</summary>
internal static class Judge
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static SimulatorVerdict Over(IReadOnlyList<SimulatedExchange> log, TimeSpan inFlightGrace)
    {
        var (tokens, requests) = WorstMinute(log);
        return new SimulatorVerdict
        {
            EarlyCalls = EarlyCalls(log, inFlightGrace),
            ForbiddenRetries = ForbiddenRetries(log),
            InvalidRequests = [.. log.Where(exchange => exchange.Status == 400)],
            RateLimited = log.Count(exchange => exchange.Status == 429),
            MostAttempts = log.GroupBy(exchange => (exchange.ClientId, exchange.CallId)).Select(call => call.Count()).DefaultIfEmpty().Max(),
            WorstMinuteInputTokens = tokens,
            WorstMinuteRequests = requests,
        };
    }

    private static List<SimulatedExchange> EarlyCalls(IReadOnlyList<SimulatedExchange> log, TimeSpan grace)
    {
        var early = new List<SimulatedExchange>();
        var refusals = log
            .Where(exchange => exchange is { RetryAfter: not null, RespondedAt: not null })
            .ToLookup(refusal => (refusal.ClientId, refusal.LimitClass));
        foreach (var exchange in log)
        {
            if (refusals[(exchange.ClientId, exchange.LimitClass)].Any(refusal => IsTooEarly(exchange, refusal, grace)))
                early.Add(exchange);
        }

        return early;
    }

    private static bool IsTooEarly(SimulatedExchange exchange, SimulatedExchange refusal, TimeSpan grace)
    {
        if (exchange.Number <= refusal.Number)
            return false;
        // A retry cannot have been in flight; another call can.
        var known = exchange.CallId == refusal.CallId ? refusal.RespondedAt!.Value : refusal.RespondedAt!.Value + grace;
        return exchange.ArrivedAt >= known && exchange.ArrivedAt < refusal.RespondedAt.Value + refusal.RetryAfter!.Value;
    }

    private static List<SimulatedExchange> ForbiddenRetries(IReadOnlyList<SimulatedExchange> log)
    {
        var retries = new List<SimulatedExchange>();
        var hopeless = new Dictionary<(string Client, string Call), DateTimeOffset>();
        foreach (var exchange in log)
        {
            if (exchange.CallId.Length == 0)
                continue;
            var call = (exchange.ClientId, exchange.CallId);
            if (hopeless.TryGetValue(call, out var since) && exchange.ArrivedAt >= since)
                retries.Add(exchange);
            else if (exchange is { RespondedAt: { } respondedAt } && IsHopeless(exchange))
                hopeless.TryAdd(call, respondedAt);
        }

        return retries;
    }

    private static bool IsHopeless(SimulatedExchange exchange) => !exchange.MayBeRetried;

    private static (long Tokens, int Requests) WorstMinute(IReadOnlyList<SimulatedExchange> log)
    {
        var worst = (Tokens: 0L, Requests: 0);
        foreach (var group in log.Where(exchange => exchange.Status == 200).GroupBy(exchange => exchange.LimitClass))
        {
            var window = new Queue<SimulatedExchange>();
            var tokens = 0L;
            foreach (var exchange in group)
            {
                window.Enqueue(exchange);
                tokens += Charged(exchange);
                while (exchange.ArrivedAt - window.Peek().ArrivedAt >= Minute)
                    tokens -= Charged(window.Dequeue());
                worst = (Math.Max(worst.Tokens, tokens), Math.Max(worst.Requests, window.Count));
            }
        }

        return worst;
    }

    private static long Charged(SimulatedExchange exchange) =>
        (long)exchange.InputTokens + exchange.CacheWrite5MinutesTokens + exchange.CacheWrite1HourTokens;
}
