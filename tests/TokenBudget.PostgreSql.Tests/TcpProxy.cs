using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>A network between a client and a server that can be told to misbehave.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly ConcurrentDictionary<(Socket Client, Socket Server), bool> _pairs = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile TaskCompletionSource _flows = Flowing();
    private int _repliesToCut;
    private int _requests;
    private PacketFault? _fault;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often something arrived from a client: what it sends at once and then waits for is one.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>A connection string that goes through a new proxy.</summary>
    public static TcpProxy For(ref string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        var proxy = new TcpProxy(builder.Port);
        builder.Port = proxy.Port;
        builder.MaxPoolSize = 50;
        connectionString = builder.ConnectionString;
        return proxy;
    }

    /// <summary>Nothing arrives any more, in either direction, and nobody is told. What was sent arrives later, as with a network that comes back.</summary>
    public void Stall() => _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Flow() => _flows.TrySetResult();

    /// <summary>Resets every connection there is.</summary>
    public void Reset()
    {
        foreach (var (client, server) in _pairs.Keys)
            Reset(client, server);
    }

    /// <summary>Of the next requests the server does what they ask, and the connection is reset instead of the answer: nobody knows whether it was committed.</summary>
    public void CutReplies(int count) => Volatile.Write(ref _repliesToCut, count);

    /// <summary>Lets something happen to one of the packets that come from now on, in whichever direction.</summary>
    public PacketFault At(int packet, PacketFaultKind kind, Action? meanwhile = null)
    {
        var fault = new PacketFault(packet, kind, meanwhile);
        Volatile.Write(ref _fault, fault);
        return fault;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Flow();
        Reset();
    }

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await _flows.Task;
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            _pairs.TryAdd((client, server), true);
            await Task.WhenAny(PumpAsync(client, server, replies: false, (client, server)), PumpAsync(server, client, replies: true, (client, server)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
        finally
        {
            _pairs.TryRemove((client, server), out _);
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool replies, (Socket Client, Socket Server) pair)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _stop.Token);
                if (count == 0)
                    return;
                await _flows.Task;
                if (!replies)
                    Interlocked.Increment(ref _requests);
                if (replies && Volatile.Read(ref _repliesToCut) > 0 && Interlocked.Decrement(ref _repliesToCut) >= 0)
                {
                    Reset(pair.Client, pair.Server);
                    return;
                }

                if (Volatile.Read(ref _fault) is { } fault && fault.Strikes())
                {
                    fault.Meanwhile?.Invoke();
                    switch (fault.Kind)
                    {
                        case PacketFaultKind.Reset:
                            Reset(pair.Client, pair.Server);
                            return;
                        case PacketFaultKind.Close:
                            // Both sides are told, as when somebody hangs up: whoever pumps the other way finds out.
                            return;
                        case PacketFaultKind.Silence:
                            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
                            return;
                    }
                }

                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private static void Reset(Socket client, Socket server)
    {
        // Closing without lingering sends a reset. The server's side ends as usual: it does what it was asked.
        try
        {
            client.LingerState = new LingerOption(true, 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }

        client.Close();
        server.Close();
    }
}
