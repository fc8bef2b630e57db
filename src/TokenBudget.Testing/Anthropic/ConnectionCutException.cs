namespace TokenBudget.Testing;

/// <summary>
/// Thrown after a response began, it makes the server close the connection without ending the response: what was sent arrives, the end
/// never does.
/// </summary>
internal sealed class ConnectionCutException() : Exception("The simulator cuts the connection, as its fault plan says.");
