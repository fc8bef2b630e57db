using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>One thing to be held against a client.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatorFinding
{
    /// <summary>What it did.</summary>
    public required SimulatorFindingKind Kind { get; init; }

    /// <summary>The request by which it did; <see langword="null"/> where it is no single one.</summary>
    public SimulatedExchange? Request { get; init; }

    /// <summary>Why that is wrong, with the numbers of the requests that show it.</summary>
    public required string Reason { get; init; }

    /// <summary>One line.</summary>
    public override string ToString()
    {
        if (Request is not { } request)
            return $"{Name}: {Reason}";
        var status = request.Status == 0 ? "no response" : request.Status.ToString(CultureInfo.InvariantCulture);
        var model = request.Model.Length == 0 ? "" : $"{request.Model}, ";
        return string.Create(CultureInfo.InvariantCulture, $"{Name}: request {request.Number} at {request.ArrivedAt:HH:mm:ss.fff} ({model}{status}): {Reason}");
    }

    private string Name => Kind switch
    {
        SimulatorFindingKind.EarlyCall => "early call",
        SimulatorFindingKind.Storm => "storm",
        SimulatorFindingKind.ForbiddenRetry => "forbidden retry",
        SimulatorFindingKind.InvalidRequest => "invalid request",
        SimulatorFindingKind.TooManyAttempts => "too many attempts",
        SimulatorFindingKind.TooManyRequests => "too many requests",
        SimulatorFindingKind.RateLimited => "rate limited",
        SimulatorFindingKind.TooManyConnections => "too many connections",
        SimulatorFindingKind.OverLimit => "over the limit",
        SimulatorFindingKind.TruncatedReply => "truncated reply taken for whole",
        _ => "leak",
    };
}
