namespace TokenBudget.Testing;

/// <summary>How a request can fail.</summary>
public enum SimulatedFaultKind
{
    /// <summary>529 <c>overloaded_error</c>: worth retrying later.</summary>
    Overloaded529,

    /// <summary>500 <c>api_error</c>: worth retrying.</summary>
    InternalError500,

    /// <summary>429 without <c>retry-after</c>: the organisation's spend limit; a retry cannot succeed.</summary>
    SpendLimit429,

    /// <summary>The connection breaks after some stream events. A reply that is not streamed breaks half way through its body.</summary>
    CutStreamAfterEvents,

    /// <summary>The response begins late, then goes on as usual.</summary>
    DelayHeaders,
}
