using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace TokenBudget.Testing.Tests;

/// <summary>Every way in which a response can break off, seen from the other end of the wire.</summary>
public sealed class BreakTests
{
    private const int Bound = Simulation.Bound;

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.Close, false)]
    [InlineData(SimulatedBreak.Reset, true)]
    public async Task Instead_of_an_answer_the_connection_goes(SimulatedBreak how, bool isReset)
    {
        var fault = how == SimulatedBreak.Reset ? SimulatedFault.ResetConnection : SimulatedFault.CloseConnection;
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => fault });

        var (text, reset) = await RawAsync(simulation);

        text.ShouldBe("");
        reset.ShouldBe(isReset);
        var exchange = simulation.Provider.Log.Single();
        (exchange.Status, exchange.Completed, exchange.PicoDollars).ShouldBe((0, false, 0L));
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.Close, false)]
    [InlineData(SimulatedBreak.Reset, true)]
    public async Task A_stream_is_cut_after_so_many_bytes(SimulatedBreak how, bool isReset)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.CutAfterBytes(100, how) });

        var (text, reset) = await RawAsync(simulation);

        reset.ShouldBe(isReset);
        if (!isReset)
        {
            text.ShouldContain("text/event-stream");
            // 0x64 bytes in one chunk, and no chunk that ends.
            text.ShouldContain("\r\n64\r\nevent: message_start\n");
            text.ShouldNotContain("\r\n0\r\n");
        }

        simulation.Provider.Log.Single().Completed.ShouldBeFalse();
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.EndCleanly, 3, 0)]
    [InlineData(SimulatedBreak.HalfEvent, 3, 1)]
    public async Task A_stream_may_end_early_and_look_whole(SimulatedBreak how, int events, int halves)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.BreakAfterEvents(how, 3) });

        using var response = await simulation.PostAsync(Stream(Simulation.Body("Hi")));
        var text = await response.Content.ReadAsStringAsync();

        var frames = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        frames.Length.ShouldBe(events + halves);
        text.ShouldNotContain("message_stop");
        text.EndsWith("\n\n", StringComparison.Ordinal).ShouldBe(halves == 0);
        simulation.Provider.Log.Single().Completed.ShouldBeFalse();
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.EndCleanly)]
    [InlineData(SimulatedBreak.HalfEvent)]
    public async Task A_reply_that_is_not_streamed_may_be_half_its_JSON(SimulatedBreak how)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.BreakAfterEvents(how, 0) });

        using var response = await simulation.PostAsync(Simulation.GptBody("Hi"));
        var text = await response.Content.ReadAsStringAsync();

        text.ShouldStartWith("{\"id\":");
        text.ShouldNotContain("usage");
        simulation.Provider.Log.Single().Completed.ShouldBeFalse();
        simulation.Provider.Bill.OutputTokens.ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_lasts_until_the_client_leaves(bool beforeHeaders)
    {
        var fault = beforeHeaders ? SimulatedFault.NoResponse : SimulatedFault.BreakAfterEvents(SimulatedBreak.Silence, 1);
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => fault });
        using var leaving = new CancellationTokenSource();
        var reading = ReadAsync();
        while (simulation.Provider.Log is not [{ Fault: not null }])
            await Task.Yield();
        simulation.Clock.Advance(TimeSpan.FromHours(1));
        reading.IsCompleted.ShouldBeFalse();

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => reading);

        while (simulation.Provider.Log.Single().EndedAt is null)
            await Task.Yield();
        simulation.Provider.Log.Single().Completed.ShouldBeFalse();

        async Task ReadAsync()
        {
            using var request = Simulation.Request(Stream(Simulation.Body("Hi")));
            using var response = await simulation.Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, leaving.Token);
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData(Simulation.Sonnet, "event: ping")]
    [InlineData(Simulation.Gpt, ": keep-alive")]
    public async Task Pings_come_every_fifteen_seconds_and_nothing_else(string model, string ping)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.BreakAfterEvents(SimulatedBreak.Pings, 1) });
        using var response = await simulation.OpenAsync(Stream(model == Simulation.Gpt ? Simulation.GptBody("Hi") : Simulation.Body("Hi")));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await FrameAsync();

        for (var count = 0; count < 4; count++)
        {
            (await FrameAsync()).ShouldStartWith(ping);
            while (simulation.Clock.PendingTimers == 0)
                await Task.Yield();
            simulation.Clock.Advance(TimeSpan.FromSeconds(15));
        }

        async Task<string> FrameAsync()
        {
            var frame = "";
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
                frame += line + "\n";
            return frame;
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData(Simulation.Sonnet, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")]
    [InlineData(Simulation.Gpt, "data: {\"error\":{\"message\":\"The server is currently overloaded")]
    public async Task An_error_may_come_inside_a_stream_that_began_well(string model, string expected)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.ErrorAfterEvents(2) });

        using var response = await simulation.PostAsync(Stream(model == Simulation.Gpt ? Simulation.GptBody("Hi") : Simulation.Body("Hi")));
        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        response.IsSuccessStatusCode.ShouldBeTrue();
        frames.Length.ShouldBe(3);
        frames[2].ShouldStartWith(expected);
        simulation.Provider.Log.Single().Completed.ShouldBeFalse();
    }

    [Fact(Timeout = Bound)]
    public async Task An_event_may_come_twice()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.DuplicateEvent(2) });
        using var response = await simulation.PostAsync(Stream(Simulation.GptBody("Hi")));

        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        frames.Length.ShouldBe(5);
        frames[1].ShouldBe(frames[2]);
        simulation.Provider.Bill.OutputTokens.ShouldBe(1);
        simulation.Provider.Log.Single().Completed.ShouldBeTrue();
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Content_may_be_compressed(bool streaming)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Compressed });
        using var response = await simulation.PostAsync(streaming ? Stream(Simulation.Body("Hi")) : Simulation.Body("Hi"));

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        using var reader = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        (await reader.ReadToEndAsync()).ShouldContain("\"ok\"");
        simulation.Provider.Log.Single().Completed.ShouldBeTrue();
    }

    [Fact(Timeout = Bound)]
    public async Task Content_may_drip()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Drip(TimeSpan.FromSeconds(1)) });
        var start = simulation.Clock.GetUtcNow();
        var asking = simulation.AskAsync(Simulation.GptBody("Hi"));
        while (!asking.IsCompleted)
        {
            if (simulation.Clock.PendingTimers > 0)
                simulation.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var body = await asking;
        (simulation.Clock.GetUtcNow() - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(Encoding.UTF8.GetByteCount(body.GetRawText())));
    }

    [Theory(Timeout = Bound)]
    [InlineData(Simulation.Sonnet)]
    [InlineData(Simulation.Gpt)]
    public async Task A_stream_may_go_on_past_max_tokens(string model)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Endless }, SimulatedReply.Text(new string('a', 370)));
        var body = Stream(model == Simulation.Gpt ? Simulation.GptBody("Hi", "\"max_tokens\":20,") : Simulation.Body("Hi", maxTokens: 20));
        using (var response = await simulation.OpenAsync(body))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (var line = 0; line < 500; line++)
                (await reader.ReadLineAsync()).ShouldNotBeNull();
        }

        while (simulation.Provider.Log.Single().EndedAt is null)
            await Task.Yield();
        simulation.Provider.Log.Single().OutputTokens.ShouldBeGreaterThan(100);
        simulation.Provider.Log.Single().Completed.ShouldBeFalse();
    }

    private static string Stream(string body) => body.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal);

    /// <summary>Asks over a socket of its own: everything that came, and whether it ended in a reset.</summary>
    private static async Task<(string Text, bool IsReset)> RawAsync(Simulation simulation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(simulation.Provider.BaseAddress.Host, simulation.Provider.BaseAddress.Port);
        var body = Stream(Simulation.Body("Hi"));
        await socket.SendAsync(Encoding.UTF8.GetBytes(
            $"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nanthropic-version: 2023-06-01\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        var text = new StringBuilder();
        var buffer = new byte[4_096];
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer)) > 0)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            return (text.ToString(), false);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (text.ToString(), true);
        }
    }
}
