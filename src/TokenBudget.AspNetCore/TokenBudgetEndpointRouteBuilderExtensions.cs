using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget;
using TokenBudget.AspNetCore;
using TokenBudget.AspNetCore.Access;
using TokenBudget.AspNetCore.Metrics;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints.</summary>
public static class TokenBudgetEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps <c>GET /api/metrics/tokens</c>, <c>GET /api/metrics/cache</c>, <c>GET /api/metrics/costs</c> and <c>POST /api/cache/clear</c>.
    /// They answer this machine only unless <see cref="TokenBudgetEndpointOptions.RequireAuthorizationPolicy"/> names a policy.
    /// </summary>
    /// <remarks>
    /// <para>From this machine means: the connection's address is a loopback address, the <c>Host</c> header names this machine (a page that
    /// rebinds its own name to a loopback address does not), no proxy has forwarded the request, and no page of another origin sent it.</para>
    /// <para>A <c>POST</c> must come from the same origin or from no page at all, and must carry the header <c>X-TokenBudget</c> or the content
    /// type <c>application/json</c>, which a form of another site cannot send.</para>
    /// </remarks>
    /// <param name="endpoints">The application, or a group with a prefix of its own.</param>
    /// <param name="configure">Says who may use the endpoints.</param>
    /// <returns>The group, for policies and conventions of the host; what is added to it is guarded alike.</returns>
    /// <exception cref="InvalidOperationException">The services have no <see cref="TokenBudgetRuntime"/>.</exception>
    public static RouteGroupBuilder MapTokenBudget(this IEndpointRouteBuilder endpoints, Action<TokenBudgetEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = new TokenBudgetEndpointOptions();
        configure?.Invoke(options);
        if (options.RequireAuthorizationPolicy is { } name)
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(TokenBudgetEndpointOptions.RequireAuthorizationPolicy));

        // Resolved now, so that a setting that means nothing stops the host at its start and not a request.
        var runtime = endpoints.ServiceProvider.GetService<TokenBudgetRuntime>()
            ?? throw new InvalidOperationException("MapTokenBudget needs a TokenBudgetRuntime: call services.AddTokenBudget() or the Add method of an agent first.");

        var group = endpoints.MapGroup("/api");
        if (options.RequireAuthorizationPolicy is { } policy)
            group.RequireAuthorization(policy);
        var guard = new EndpointGuard(loopbackOnly: options.RequireAuthorizationPolicy is null);
        ((IEndpointConventionBuilder)group).Finally(guard.Apply);

        var metrics = new MetricsEndpoints(runtime);
        group.MapGet("/metrics/tokens", metrics.TokensAsync);
        group.MapGet("/metrics/cache", metrics.CacheAsync);
        group.MapGet("/metrics/costs", metrics.CostsAsync);
        group.MapPost("/cache/clear", new CacheEndpoints(runtime.Cache).ClearAsync);
        return group;
    }
}
