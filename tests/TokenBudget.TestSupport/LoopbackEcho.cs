using System.Net;
using System.Net.Sockets;

namespace TokenBudget.TestSupport;

/// <summary>A connection of this process to itself. A byte that has come back went the way of everything that was on the network before it, however busy the machine is.</summary>
public sealed class LoopbackEcho : IDisposable
{
    private readonly byte[] _byte = new byte[1];
    private readonly Socket _here;
    private readonly Socket _there;

    private LoopbackEcho(Socket here, Socket there) => (_here, _there) = (here, there);

    public static async Task<LoopbackEcho> ConnectAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var here = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await here.ConnectAsync(listener.LocalEndPoint!).ConfigureAwait(false);
        var there = await listener.AcceptAsync().ConfigureAwait(false);
        there.NoDelay = true;
        return new LoopbackEcho(here, there);
    }

    /// <summary>Sends a byte there and back again.</summary>
    public async Task PingAsync()
    {
        await PassAsync(_here, _there).ConfigureAwait(false);
        await PassAsync(_there, _here).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    // Receiving begins first, so that the byte is announced by the network and not found lying there.
    private async Task PassAsync(Socket from, Socket to)
    {
        var received = to.ReceiveAsync(_byte.AsMemory(), SocketFlags.None);
        await from.SendAsync(new byte[1].AsMemory(), SocketFlags.None).ConfigureAwait(false);
        await received.ConfigureAwait(false);
    }
}
