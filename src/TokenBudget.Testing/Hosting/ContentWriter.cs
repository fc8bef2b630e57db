using System.IO.Compression;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>Writes the content of a response and plays the faults that strike bytes: compression, dripping, breaking off.</summary>
internal sealed class ContentWriter(
    HttpContext context, SimulatorClock clock, SimulatedFault? fault, TimeSpan maxSilence, CancellationToken cancellationToken)
{
    private Stream _content = context.Response.Body;
    private long _sent;

    /// <summary>Sends the headers, which are complete.</summary>
    /// <param name="contentType">What the content is.</param>
    /// <param name="length">Its length, where it is known.</param>
    public async Task StartAsync(string contentType, long? length)
    {
        context.Response.ContentType = contentType;
        if (fault is { Gzip: true })
        {
            context.Response.Headers.ContentEncoding = "gzip";
            _content = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        }
        else
        {
            context.Response.ContentLength = length;
        }

        await context.Response.StartAsync(cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>Sends bytes at once, or as slowly and as far as the fault lets it.</summary>
    /// <exception cref="ConnectionCutException">Here the response breaks off.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var breaksHere = fault is { Break: not null, AfterBytes: { } last } && _sent + bytes.Length > last;
        var sent = breaksHere ? bytes[..(int)(fault!.AfterBytes!.Value - _sent)] : bytes;
        if (fault?.DripInterval is { } pause)
        {
            for (var index = 0; index < sent.Length; index++)
            {
                await clock.WaitAsync(pause, cancellationToken);
                await SendAsync(sent.Slice(index, 1));
            }
        }
        else
        {
            await SendAsync(sent);
        }

        _sent += sent.Length;
        if (breaksHere)
            await BreakAsync(fault!.Break!.Value);
    }

    /// <summary>Ends the content as it should be ended.</summary>
    public async Task EndAsync()
    {
        if (_content != context.Response.Body)
            await _content.DisposeAsync();
    }

    /// <summary>Breaks the response off. It returns, if at all, by an exception.</summary>
    /// <exception cref="ConnectionCutException">The connection is to be closed, or the response to end early.</exception>
    public async Task BreakAsync(SimulatedBreak how)
    {
        switch (how)
        {
            case SimulatedBreak.Silence:
            case SimulatedBreak.Pings:
                await UntilLeftAsync(static left => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, left));
                break;
            case SimulatedBreak.Reset:
                // Aborting resets (RST): the server does not wait for what is still to be sent.
                context.Abort();
                break;
            case SimulatedBreak.Close when !context.Response.HasStarted:
                // The client sees the end of the stream (FIN) before the server, having nothing to say, gives up the connection.
                context.Features.Get<IConnectionSocketFeature>()?.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                context.Abort();
                break;
            case SimulatedBreak.EndCleanly:
            case SimulatedBreak.HalfEvent:
            case SimulatedBreak.ErrorEvent:
                await EndAsync();
                throw new ConnectionCutException { EndsCleanly = true };
        }

        throw new ConnectionCutException();
    }

    /// <summary>
    /// Does something without end until the client leaves, the simulator stops, or a client that never leaves has had its time. Real time: on a
    /// virtual clock an hour is over at once.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client left or the simulator stops.</exception>
    public async Task UntilLeftAsync(Func<CancellationToken, Task> endless)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        left.CancelAfter(maxSilence);
        try
        {
            await endless(left.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Its time is over: from here on it breaks off like any other.
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _content.WriteAsync(bytes, cancellationToken);
        await _content.FlushAsync(cancellationToken);
    }
}
