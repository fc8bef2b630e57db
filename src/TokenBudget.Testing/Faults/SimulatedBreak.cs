namespace TokenBudget.Testing;

/// <summary>How a response breaks off.</summary>
public enum SimulatedBreak
{
    /// <summary>The connection is closed; the response has no end.</summary>
    Close,

    /// <summary>The connection is reset (RST): even what was sent may be lost.</summary>
    Reset,

    /// <summary>The response ends as if it were whole, as a proxy ends it: only the missing last event tells.</summary>
    EndCleanly,

    /// <summary>Half of the next event or of the body is sent, then the response ends as if it were whole.</summary>
    HalfEvent,

    /// <summary>Nothing more comes, and the connection stays open.</summary>
    Silence,

    /// <summary>Nothing but pings comes, every 15 s on the simulator's clock.</summary>
    Pings,

    /// <summary>An error event comes inside the stream, then the response ends.</summary>
    ErrorEvent,
}
