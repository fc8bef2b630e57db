using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TokenBudget.AspNetCore.Tests.Alerts;

/// <summary><c>/api/alerts</c> as its clients meet it, over a real server on loopback.</summary>
public sealed class AlertConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Socket_event_stream_and_plain_answer_tell_the_same()
    {
        // No heartbeat while anybody is patient: what comes was pushed.
        await using var host = await Host.StartAsync(static options => options.AlertHeartbeat = TimeSpan.FromMinutes(30), kestrel: true);
        await using var socket = await AlertSocket.ConnectAsync(host);
        using var stream = await AlertStream.ConnectAsync(host);
        (await socket.NextAsync("hello")).GetProperty("replayed").GetInt32().ShouldBe(0);
        (await stream.NextAsync("hello")).Data.GetProperty("heartbeatSeconds").GetDouble().ShouldBe(1_800);
        stream.Response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");

        await host.SpendAsync("support", 9);
        var alerts = new[] { await socket.NextAsync("alert"), await socket.NextAsync("alert"), await socket.NextAsync("alert") };

        alerts.Select(static alert => alert.GetProperty("budget").GetProperty("percent").GetInt32()).ShouldBe([50, 80, 90]);
        alerts.Select(static alert => alert.GetProperty("severity").GetString()).ShouldBe(["info", "warning", "warning"]);
        var first = alerts[0];
        first.GetProperty("kind").GetString().ShouldBe("budgetThreshold");
        first.GetProperty("text").GetString().ShouldBe("Budget support has spent $9.00: 50 % of its limit of $10.00 is reached.");
        first.GetProperty("budget").GetRawText().ShouldBe("""{"name":"support","settledUsd":9,"limitUsd":10,"thresholdUsd":5,"percent":50,"pausedByHand":null}""");
        foreach (var alert in alerts)
        {
            var (_, id, data) = await stream.NextAsync("alert");
            data.GetRawText().ShouldBe(alert.GetRawText());
            id.ShouldBe(alert.GetProperty("id").GetString());
        }

        using var client = new HttpClient();
        var plain = await client.GetStringAsync(new Uri(host.Address, "/api/alerts"));
        plain.ShouldBe($$"""{"alerts":[{{string.Join(',', alerts.Select(static alert => alert.GetRawText()))}}],"v":1}""");
    }

    /// <summary>The numbers are again as they were before, and whoever has heard of the pause has to see that.</summary>
    [Fact]
    public async Task What_begins_and_ends_between_two_looks_is_followed_by_numbers()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        await host.SpendAsync("support", 4);
        await using var numbers = await AlertSocket.ConnectAsync(host, "metrics=true");
        await numbers.NextAsync("metrics");

        // Often enough that some begin and end between two looks.
        for (var round = 0; round < 3; round++)
        {
            await host.Runtime.Costs.PauseAsync("support");
            await host.Runtime.Costs.ApproveAsync("support");
            await numbers.NextAsync("alert");
            var ended = (await numbers.NextAsync("alert")).GetProperty("at").GetDateTimeOffset();
            JsonElement metrics;
            // Numbers that were read before may come first.
            do
                metrics = (await numbers.NextAsync("metrics")).GetProperty("metrics");
            while (metrics.GetProperty("at").GetDateTimeOffset() < ended);
            metrics.GetProperty("costs").GetProperty("budgets")[0].GetProperty("isPaused").GetBoolean().ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Who_comes_again_gets_what_it_missed_and_nothing_twice()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        await host.SpendAsync("support", 9);
        await using var first = await AlertSocket.ConnectAsync(host);
        (await first.NextAsync("hello")).GetProperty("replayed").GetInt32().ShouldBe(3);
        var ids = new[] { await first.NextAsync("alert"), await first.NextAsync("alert"), await first.NextAsync("alert") }.Select(static alert => alert.GetProperty("id").GetString()!).ToList();

        await using var again = await AlertSocket.ConnectAsync(host, "lastEventId=" + ids[1]);
        (await again.NextAsync("alert")).GetProperty("id").GetString().ShouldBe(ids[2]);
        using var stream = await AlertStream.ConnectAsync(host, ids[0]);
        (await stream.NextAsync("alert")).Id.ShouldBe(ids[1]);

        // The ids of another process, and what is no id, say nothing about what was missed.
        foreach (var unknown in (string[])["8de0-2", "x", "-"])
        {
            await using var stranger = await AlertSocket.ConnectAsync(host, "lastEventId=" + unknown);
            (await stranger.NextAsync("hello")).GetProperty("replayed").GetInt32().ShouldBe(3);
        }
    }

    [Fact]
    public async Task Only_as_many_as_asked_for_are_kept()
    {
        await using var host = await Host.StartAsync(static options => options.AlertHistory = 2, kestrel: true);
        await host.SpendAsync("support", 9.5m);

        await using var socket = await AlertSocket.ConnectAsync(host);

        (await socket.NextAsync("hello")).GetProperty("replayed").GetInt32().ShouldBe(2);
        (await socket.NextAsync("alert")).GetProperty("budget").GetProperty("percent").GetInt32().ShouldBe(80);
        (await socket.NextAsync("alert")).GetProperty("budget").GetProperty("percent").GetInt32().ShouldBe(90);
    }

    [Theory]
    [InlineData("http://attacker.example")]
    [InlineData("https://localhost")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_gets_no_handshake(string origin)
    {
        await using var host = await Host.StartAsync(kestrel: true);

        (await Should.ThrowAsync<AlertSocket.RefusedException>(() => AlertSocket.ConnectAsync(host, headers: ("Origin", origin)))).Status.ShouldBe(403);
        using var stream = await AlertStream.ConnectAsync(host, headers: ("Origin", origin));
        stream.Response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_page_of_the_same_origin_is_let_in()
    {
        await using var host = await Host.StartAsync(kestrel: true);

        await using var socket = await AlertSocket.ConnectAsync(host, headers: ("Origin", $"http://{host.Address.Authority}"));

        (await socket.NextAsync("hello")).GetProperty("v").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_talks_back_is_shown_out()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        await using var socket = await AlertSocket.ConnectAsync(host);
        await socket.NextAsync("hello");

        await socket.SendAsync("hello");

        (await socket.NextAsync()).ShouldBeNull();
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task Connections_are_counted_and_those_that_end_make_room()
    {
        await using var host = await Host.StartAsync(static options => options.MaxAlertConnections = 2, kestrel: true);
        var first = await AlertSocket.ConnectAsync(host);
        await first.NextAsync("hello");
        using var second = await AlertStream.ConnectAsync(host);
        await second.NextAsync("hello");

        (await Should.ThrowAsync<AlertSocket.RefusedException>(() => AlertSocket.ConnectAsync(host))).Status.ShouldBe(503);
        using (var third = await AlertStream.ConnectAsync(host))
        {
            third.Response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            third.Response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        }

        await first.DisposeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await using var next = await AlertSocket.ConnectAsync(host);
                    return true;
                }
                catch (AlertSocket.RefusedException refused)
                {
                    // Not so often that the host refuses it for that.
                    refused.Status.ShouldBe(503);
                    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                    return false;
                }
            },
            Patience);
    }

    [Fact]
    public async Task Who_connects_over_and_over_is_told_to_wait()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 125; attempt++)
        {
            using var stream = await AlertStream.ConnectAsync(host);
            statuses.Add(stream.Response.StatusCode);
        }

        statuses.Count(static status => status == HttpStatusCode.TooManyRequests).ShouldBeInRange(1, 5);
    }

    [Fact]
    public async Task A_silent_connection_shows_signs_of_life()
    {
        await using var host = await Host.StartAsync(static options => options.AlertHeartbeat = TimeSpan.FromSeconds(1), kestrel: true);
        await using var socket = await AlertSocket.ConnectAsync(host);
        using var stream = await AlertStream.ConnectAsync(host);

        (await socket.NextAsync("heartbeat")).GetProperty("at").GetDateTimeOffset().Year.ShouldBeGreaterThan(2024);
        (await stream.NextAsync("heartbeat")).Id.ShouldBeNull();
        await host.SpendAsync("support", 5);
        (await socket.NextAsync("alert")).GetProperty("kind").GetString().ShouldBe("budgetThreshold");
    }

    [Fact]
    public async Task A_slow_reader_is_dropped_and_holds_up_nobody()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        using var stuck = new TcpClient { ReceiveBufferSize = 4_096 };
        await stuck.ConnectAsync(host.Address.Host, host.Address.Port);
        await stuck.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /api/alerts HTTP/1.1\r\nHost: {host.Address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        await using var quick = await AlertSocket.ConnectAsync(host);
        await quick.NextAsync("hello");

        // Long names fill the network's buffers soon. The quick reader keeps up, so nothing is sent before it has what came before.
        var name = new string('n', 60_000);
        var sent = 0;
        for (; sent < 400; sent++)
        {
            await host.SpendAsync(name + sent, 5);
            (await quick.NextAsync("alert")).GetProperty("budget").GetProperty("name").GetString().ShouldBe(name + sent);
        }

        // What waits for the stuck one is bounded; a flood of small ones fills it up.
        for (var more = 0; more < 1_100; more++)
        {
            await host.SpendAsync($"small{more}", 5);
            await quick.NextAsync("alert");
        }

        await Eventually.TrueAsync(() => IsClosed(stuck), Patience);
        await host.SpendAsync("last", 5);
        (await quick.NextAsync("alert")).GetProperty("budget").GetProperty("name").GetString().ShouldBe("last");
    }

    [Fact]
    public async Task The_host_stops_without_waiting_for_listeners()
    {
        // Nothing cuts connections off that do not end by themselves.
        var host = await Host.StartAsync(services: static builder => builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMinutes(30)), kestrel: true);
        await using var socket = await AlertSocket.ConnectAsync(host);
        using var stream = await AlertStream.ConnectAsync(host);
        await socket.NextAsync("hello");
        await stream.NextAsync("hello");

        var stopping = host.StopAsync();
        (await socket.NextAsync()).ShouldBeNull();
        socket.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        await socket.DisposeAsync();
        (await stream.NextAsync()).ShouldBeNull();

        await stopping.WaitAsync(Patience);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Numbers_come_over_the_socket_to_who_wants_them_and_are_those_of_the_api()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        await using var numbers = await AlertSocket.ConnectAsync(host, "metrics=true");
        await using var alerts = await AlertSocket.ConnectAsync(host);
        await numbers.NextAsync("metrics");

        await host.SpendAsync("support", 5);
        using var client = new HttpClient();
        var day = host.Runtime.Time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var asked = await client.GetStringAsync(new Uri(host.Address, "/api/metrics/costs?from=" + day));
        asked.ShouldContain("\"totalUsd\":5,");
        // It may have looked in the middle of the call; what it tells last is how it ended.
        while ((await numbers.NextAsync("metrics")).GetProperty("metrics").GetProperty("costs").GetRawText() != asked)
        {
        }

        (await alerts.NextAsync("hello")).GetProperty("type").GetString().ShouldBe("hello");
        (await alerts.NextAsync())!.Value.GetProperty("type").GetString().ShouldBe("alert");
    }

    [Theory]
    [InlineData("metrics=yes")]
    [InlineData("metrics=true&metrics=true")]
    [InlineData("lastEventID2=1")]
    [InlineData("lastEventId=0123456789012345678901234567890123456789012345678901234567890123456789")]
    public async Task What_means_nothing_is_refused_before_the_handshake(string query)
    {
        await using var host = await Host.StartAsync(kestrel: true);

        (await Should.ThrowAsync<AlertSocket.RefusedException>(() => AlertSocket.ConnectAsync(host, query))).Status.ShouldBe(400);
    }

    private static bool IsClosed(TcpClient client)
    {
        try
        {
            var buffer = new byte[65_536];
            client.Client.Blocking = false;
            int read;
            while ((read = client.Client.Receive(buffer)) > 0)
            {
            }

            return read == 0;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.WouldBlock;
        }
    }
}
