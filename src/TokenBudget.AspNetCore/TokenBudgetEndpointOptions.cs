namespace TokenBudget.AspNetCore;

/// <summary>What <c>MapTokenBudget</c> maps, and who may use it.</summary>
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

    /// <summary>Whether the dashboard is mapped at <c>/tokenbudget</c>. Default <see langword="true"/>.</summary>
    public bool Dashboard { get; set; } = true;

    /// <summary>Whether <c>GET /metrics</c> answers in Prometheus' text format. Default <see langword="false"/>.</summary>
    public bool Prometheus { get; set; }

    /// <summary>
    /// How many values a label of <c>GET /metrics</c> may have: agents, models, methods, rate limits and budgets beyond that are told together as <c>other</c>. At least 1; default 50.
    /// </summary>
    /// <remarks>Counters name those that came first, so that a series never jumps; gauges name those that are fullest now.</remarks>
    public int PrometheusLabelValues { get; set; } = 50;

    /// <summary>The most connections to <c>/api/alerts</c> that are open at a time, sockets and event streams together; further ones are refused with 503. At least 1; default 64.</summary>
    public int MaxAlertConnections { get; set; } = 64;

    /// <summary>How many of the newest alerts are kept and told to whoever connects. At least 1; default 100.</summary>
    public int AlertHistory { get; set; } = 100;

    /// <summary>How long a connection is silent before it says that it is still there. At least a second; default 15 s.</summary>
    public TimeSpan AlertHeartbeat { get; set; } = TimeSpan.FromSeconds(15);

    internal void Validate()
    {
        if (RequireAuthorizationPolicy is { } policy)
            ArgumentException.ThrowIfNullOrWhiteSpace(policy, nameof(RequireAuthorizationPolicy));
        ArgumentOutOfRangeException.ThrowIfLessThan(PrometheusLabelValues, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAlertConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AlertHistory, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AlertHeartbeat, TimeSpan.FromSeconds(1));
    }
}
