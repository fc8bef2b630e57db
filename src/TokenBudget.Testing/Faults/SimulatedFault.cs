namespace TokenBudget.Testing;

/// <summary>A failure to play on one request.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatedFault
{
    private SimulatedFault(SimulatedFaultKind kind) => Kind = kind;

    /// <summary>What happens.</summary>
    public SimulatedFaultKind Kind { get; }

    /// <summary>Events sent before a <see cref="SimulatedFaultKind.CutStreamAfterEvents"/>.</summary>
    public int Events { get; private init; }

    /// <summary>How late a <see cref="SimulatedFaultKind.DelayHeaders"/> is, on the simulator's clock.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>529 <c>overloaded_error</c>.</summary>
    public static SimulatedFault Overloaded529 { get; } = new(SimulatedFaultKind.Overloaded529);

    /// <summary>500 <c>api_error</c>.</summary>
    public static SimulatedFault InternalError500 { get; } = new(SimulatedFaultKind.InternalError500);

    /// <summary>429 without <c>retry-after</c>, because the money is used up.</summary>
    public static SimulatedFault SpendLimit429 { get; } = new(SimulatedFaultKind.SpendLimit429);

    /// <summary>Breaks the connection after some stream events.</summary>
    /// <param name="events">Events that still arrive, 0 or more.</param>
    public static SimulatedFault CutStreamAfterEvents(int events)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        return new(SimulatedFaultKind.CutStreamAfterEvents) { Events = events };
    }

    /// <summary>Begins the response late.</summary>
    /// <param name="delay">How late, not negative, on the simulator's clock.</param>
    public static SimulatedFault DelayHeaders(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new(SimulatedFaultKind.DelayHeaders) { Delay = delay };
    }
}
