using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>A request that has been cut, priced, reserved and admitted, and only has to be sent and settled.</summary>
internal sealed class PreparedRequest
{
    public required string ModelId { get; init; }

    /// <summary>The catalogue's entry; none when unknown prices are allowed.</summary>
    public required ModelInfo? Model { get; init; }

    public required ModelCounter Counter { get; init; }

    public required ChatOptions Options { get; init; }

    public required ContextReduction Reduction { get; init; }

    /// <summary>Input tokens by our counter, framing and tools included.</summary>
    public required long CountedInput { get; init; }

    public required string? Tenant { get; init; }

    public required int MaxOutputTokens { get; init; }

    public required CostReservation Cost { get; init; }

    public required RateReservation Rate { get; init; }

    /// <summary>Our own work so far.</summary>
    public required TimeSpan Overhead { get; init; }

    /// <summary>What the provider will probably count as input.</summary>
    public long EstimatedInput => Counter.Calibration.ToProviderRequest(CountedInput);
}
