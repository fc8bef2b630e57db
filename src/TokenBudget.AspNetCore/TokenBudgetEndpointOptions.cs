namespace TokenBudget.AspNetCore;

/// <summary>Who may use the endpoints of <c>MapTokenBudget</c>.</summary>
public sealed class TokenBudgetEndpointOptions
{
    /// <summary>
    /// The authorization policy every endpoint requires. Setting it is the only way to answer requests from other machines.
    /// Unset, the endpoints answer direct requests from this machine only, and no policy of their own is needed.
    /// </summary>
    /// <remarks>
    /// Behind a reverse proxy every request comes from the proxy, which often is this machine: set a policy there. A change of state
    /// (<c>POST</c>) stays refused from foreign origins, so the host behind a proxy that ends TLS has to use the forwarded headers middleware.
    /// </remarks>
    public string? RequireAuthorizationPolicy { get; set; }
}
