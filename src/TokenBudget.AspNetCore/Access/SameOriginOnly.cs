namespace TokenBudget.AspNetCore.Access;

/// <summary>
/// Marks an endpoint that no page of another origin may use, not even to read. A browser lets every page open a WebSocket to anywhere and asks nobody: only the
/// server can refuse.
/// </summary>
internal sealed class SameOriginOnly;
