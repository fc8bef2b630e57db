namespace TokenBudget.Testing;

/// <summary>
/// The response breaks off here. Thrown out of the server's handler it closes the connection without ending the response: what was sent
/// arrives, the end never does.
/// </summary>
internal sealed class ConnectionCutException() : Exception("The simulator cuts the connection, as its fault plan says.")
{
    /// <summary>Whether the response is to end as if it were whole.</summary>
    public bool EndsCleanly { get; init; }
}
