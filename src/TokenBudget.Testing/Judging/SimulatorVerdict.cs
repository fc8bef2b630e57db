using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>How well a client behaved, judged from the provider's side of the wire.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatorVerdict
{
    /// <summary>Requests that arrived before the <c>retry-after</c> of an earlier refusal of their client and model class was over.</summary>
    public required IReadOnlyList<SimulatedExchange> EarlyCalls { get; init; }

    /// <summary>Requests that repeat a call whose error can never go away: 400, 401, 402, 403, 404, 413, or a 429 without <c>retry-after</c>.</summary>
    public required IReadOnlyList<SimulatedExchange> ForbiddenRetries { get; init; }

    /// <summary>Requests answered 400.</summary>
    public required IReadOnlyList<SimulatedExchange> InvalidRequests { get; init; }

    /// <summary>Requests answered 429. Being told once is no fault, so they do not spoil <see cref="IsClean"/>.</summary>
    public required int RateLimited { get; init; }

    /// <summary>The most requests that one logical call took.</summary>
    public required int MostAttempts { get; init; }

    /// <summary>The most input tokens billed at full or cache-write price in any 60 s, of one model class, by time of arrival.</summary>
    public required long WorstMinuteInputTokens { get; init; }

    /// <summary>The most successful requests in any 60 s, of one model class, by time of arrival.</summary>
    public required int WorstMinuteRequests { get; init; }

    /// <summary>Whether nothing is to be held against the client.</summary>
    public bool IsClean => EarlyCalls.Count == 0 && ForbiddenRetries.Count == 0 && InvalidRequests.Count == 0;

    /// <summary>A readable report of a few lines.</summary>
    public override string ToString()
    {
        var worst = string.Create(
            CultureInfo.InvariantCulture,
            $"worst 60 s: {WorstMinuteInputTokens:N0} input tokens, {WorstMinuteRequests:N0} requests; "
            + $"{RateLimited} rate limited; at most {MostAttempts} attempts a call");
        if (IsClean)
            return $"clean; {worst}";

        var faults = EarlyCalls.Select(call => Line("early call", call, ""))
            .Concat(ForbiddenRetries.Select(call => Line("forbidden retry", call, "")))
            .Concat(InvalidRequests.Select(call => Line("invalid request", call, $": {call.ErrorMessage}")));
        return string.Join(Environment.NewLine, faults.Prepend($"NOT clean; {worst}"));
    }

    private static string Line(string fault, SimulatedExchange call, string detail) => string.Create(
        CultureInfo.InvariantCulture, $"  {fault}: request {call.Number} at {call.ArrivedAt:HH:mm:ss.fff} ({call.Model}, status {call.Status}){detail}");
}
