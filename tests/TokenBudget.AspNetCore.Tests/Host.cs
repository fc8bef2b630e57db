using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>A web application with the endpoints, in memory; the connection's address is what the test says.</summary>
internal sealed class Host : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Host(WebApplication app) => _app = app;

    /// <summary>Where requests come from; <see langword="null"/> as for a socket without an address.</summary>
    public IPAddress? RemoteAddress { get; set; } = IPAddress.Loopback;

    public TokenBudgetRuntime Runtime => _app.Services.GetRequiredService<TokenBudgetRuntime>();

    /// <summary>Every route and method, as the application itself lists them.</summary>
    public IReadOnlyList<(string Method, string Path)> Routes =>
    [
        .. from source in ((IEndpointRouteBuilder)_app).DataSources
           from endpoint in source.Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST", "PUT", "DELETE"]
           select (method, endpoint.RoutePattern.RawText!),
    ];

    public static async Task<Host> StartAsync(
        Action<TokenBudgetEndpointOptions>? configure = null,
        Action<WebApplicationBuilder>? services = null,
        Action<WebApplication>? before = null,
        Action<RouteGroupBuilder>? group = null,
        ILedger? ledger = null,
        TimeProvider? time = null,
        TokenBudgetOptions? options = null,
        bool kestrel = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (kestrel)
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        else
            builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(new TokenBudgetRuntime(options ?? new TokenBudgetOptions(), ledger, time: time ?? new DaytimeClock()));
        services?.Invoke(builder);
        var app = builder.Build();
        var host = new Host(app);
        if (!kestrel)
            app.Use(next => context =>
            {
                context.Connection.RemoteIpAddress = host.RemoteAddress;
                return next(context);
            });
        before?.Invoke(app);
        var mapped = app.MapTokenBudget(configure);
        group?.Invoke(mapped);
        await app.StartAsync();
        return host;
    }

    public Uri Address => new(_app.Urls.Single());

    public async Task<HttpResponseMessage> SendAsync(
        string method, string path, string host = "localhost", HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var client = _app.GetTestClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://localhost" + path) { Content = content };
        request.Headers.Host = host;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        return await client.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await SendAsync("GET", path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await ReadAsync(response);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>Spends dollars under a budget, as a call does.</summary>
    public async Task SpendAsync(string budget, decimal dollars, decimal? limit = 10, AtLimit atLimit = AtLimit.Refuse)
    {
        var reservation = await Runtime.Costs.ReserveAsync(
            new CostBudget(budget, limit is { } some ? Usd.FromDollars(some) : null, BudgetPeriod.Day) { AtLimit = atLimit }, Usd.FromDollars(dollars));
        await Runtime.Costs.SettleAsync(reservation, new LedgerEntry
        {
            Id = reservation.Id,
            At = reservation.At,
            Agent = "Support",
            Method = "Ask",
            Model = "m",
            Budget = budget,
            Cost = Usd.FromDollars(dollars),
        });
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
