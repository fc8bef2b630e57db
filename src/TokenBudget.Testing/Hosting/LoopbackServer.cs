using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TokenBudget.Testing;

/// <summary>Kestrel on 127.0.0.1 and nothing more: no configuration files, no environment variables, no logging.</summary>
internal static class LoopbackServer
{
    /// <summary>Listens on the wished port or the next free one.</summary>
    public static async Task<WebApplication> StartAsync(int port, RequestDelegate handler, Action<string, bool> connect, CancellationToken cancellationToken)
    {
        for (var candidate = port; ; candidate++)
        {
            var server = Build(candidate, handler, connect);
            try
            {
                await server.StartAsync(cancellationToken);
                return server;
            }
            catch (IOException error) when (error.InnerException is AddressInUseException && candidate is > 0 and < ushort.MaxValue)
            {
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    private static WebApplication Build(int port, RequestDelegate handler, Action<string, bool> connect)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => WatchedAsync(next, connection, connect));
            });
            kestrel.AddServerHeader = false;
            // The endpoint counts for itself, so that too large a body gets the provider's error and not the server's.
            kestrel.Limits.MaxRequestBodySize = null;
            // A client that reads slowly is the test's business.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        // The default lifetime takes Ctrl+C away from the program that hosts the simulator.
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var server = builder.Build();
        server.Run(handler);
        return server;
    }

    private static async Task WatchedAsync(ConnectionDelegate next, ConnectionContext connection, Action<string, bool> connect)
    {
        connect(connection.ConnectionId, true);
        try
        {
            await next(connection);
        }
        finally
        {
            connect(connection.ConnectionId, false);
        }
    }

    private sealed class PassiveLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
