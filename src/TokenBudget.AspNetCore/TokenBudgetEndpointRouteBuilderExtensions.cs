using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TokenBudget;
using TokenBudget.AspNetCore;
using TokenBudget.AspNetCore.Access;
using TokenBudget.AspNetCore.Alerts;
using TokenBudget.AspNetCore.Description;
using TokenBudget.AspNetCore.Metrics;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.AspNetCore.Page;
using TokenBudget.AspNetCore.Prometheus;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the endpoints.</summary>
public static class TokenBudgetEndpointRouteBuilderExtensions
{
    // Over HTTP/2 a WebSocket begins with CONNECT.
    private static readonly string[] SocketMethods = ["GET", "CONNECT"];

    /// <summary>
    /// Maps the numbers (<c>/api/metrics</c>, <c>/api/conversations</c>), the alerts (<c>/api/alerts</c>), <c>POST /api/cache/clear</c>, <c>POST /api/budgets/{name}/pause</c> and <c>resume</c>, their description
    /// (<c>/api/openapi.json</c>), the dashboard (<c>/tokenbudget</c>) and, where asked for, <c>/metrics</c>. They answer this machine only unless <see cref="TokenBudgetEndpointOptions.RequireAuthorizationPolicy"/> names a policy.
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
        options.Validate();

        // Resolved now, so that a setting that means nothing stops the host at its start and not a request.
        var services = endpoints.ServiceProvider;
        var runtime = services.GetService<TokenBudgetRuntime>()
            ?? throw new InvalidOperationException("MapTokenBudget needs a TokenBudgetRuntime: call services.AddTokenBudget() or the Add method of an agent first.");
        var time = TimeProvider.System;
        var hub = new AlertHub(options.AlertHistory, time);
        var alerts = new AlertEndpoint(hub, options, time);
        var monitor = new RuntimeMonitor(runtime, hub, time, services.GetRequiredService<ILoggerFactory>().CreateLogger("TokenBudget.AspNetCore"));
        var life = services.GetRequiredService<IHostApplicationLifetime>();
        // Open connections would keep the host from stopping.
        life.ApplicationStopping.Register(hub.Close);
        life.ApplicationStopped.Register(() =>
        {
            monitor.DisposeAsync().AsTask().GetAwaiter().GetResult();
            alerts.DisposeAsync().AsTask().GetAwaiter().GetResult();
        });

        var group = endpoints.MapGroup("");
        if (options.RequireAuthorizationPolicy is { } policy)
            group.RequireAuthorization(policy);
        var guard = new EndpointGuard(loopbackOnly: options.RequireAuthorizationPolicy is null);
        ((IEndpointConventionBuilder)group).Finally(guard.Apply);

        var api = group.MapGroup("/api");
        var metrics = new MetricsEndpoints(monitor);
        api.MapGet("/metrics", metrics.OverviewAsync);
        api.MapGet("/metrics/tokens", metrics.TokensAsync);
        api.MapGet("/metrics/cache", metrics.CacheAsync);
        api.MapGet("/metrics/costs", metrics.CostsAsync);
        api.MapGet("/metrics/history", metrics.HistoryAsync);
        api.MapGet("/conversations", new ConversationEndpoints(runtime.Conversations).ListAsync);
        api.MapGet("/openapi.json", OpenApiDocument.AnswerAsync);
        api.MapPost("/cache/clear", new CacheEndpoints(runtime.Cache).ClearAsync);
        var budgets = new BudgetEndpoints(runtime.Costs);
        api.MapPost("/budgets/{name}/pause", budgets.PauseAsync);
        api.MapPost("/budgets/{name}/resume", budgets.ResumeAsync);
        api.MapMethods("/alerts", SocketMethods, SocketsOf(endpoints, options, alerts)).WithMetadata(new SameOriginOnly());
        if (options.Dashboard)
        {
            var dashboard = new DashboardEndpoints();
            group.MapGet("/tokenbudget", dashboard.PageAsync);
            group.MapGet("/tokenbudget/{file}", dashboard.FileAsync);
        }

        if (options.Prometheus)
        {
            var prometheus = new PrometheusEndpoint(runtime, options.PrometheusLabelValues);
            life.ApplicationStopped.Register(prometheus.Dispose);
            group.MapGet("/metrics", prometheus.AnswerAsync);
        }

        return group;
    }

    /// <summary>WebSockets for this endpoint alone, whether or not the host has them.</summary>
    private static RequestDelegate SocketsOf(IEndpointRouteBuilder endpoints, TokenBudgetEndpointOptions options, AlertEndpoint alerts)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        // A short heartbeat is no reason to take a slow client for one that is gone.
        var timeout = TimeSpan.FromTicks(Math.Max(options.AlertHeartbeat.Ticks, AlertFeed.SendTimeout.Ticks));
        pipeline.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.AlertHeartbeat, KeepAliveTimeout = timeout });
        pipeline.Run(alerts.AnswerAsync);
        return pipeline.Build();
    }
}
