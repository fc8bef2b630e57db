using System.Net.Sockets;
using System.Text;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>What a test client would put right on the way: spellings of paths and hosts, sent as bytes to a real server.</summary>
public sealed class SocketTests
{
    [Theory]
    [InlineData("/api/cache/clear")]
    [InlineData("//api/cache/clear")]
    [InlineData("/api//cache/clear")]
    [InlineData("/API/Cache/CLEAR")]
    [InlineData("/api/cache/clear/")]
    [InlineData("/api/cache/clear;x")]
    [InlineData("/api/cache;x=1/clear")]
    [InlineData("/api/cache%2Fclear")]
    [InlineData("/api/cache/%63lear")]
    [InlineData("/x/../api/cache/clear")]
    [InlineData("/x/%2e%2e/api/cache/clear")]
    [InlineData("http://localhost/api/cache/clear")]
    public async Task No_spelling_of_a_path_gets_around_the_guard(string path)
    {
        await using var host = await Host.StartAsync(kestrel: true);
        CacheSeed.Fill(host.Runtime.Cache);

        foreach (var name in (string[])["attacker.example", "localhost, attacker.example", "localhost@attacker.example", ""])
            (await PostAsync(host, path, $"Host: {name}", "X-TokenBudget: 1")).ShouldBeOneOf(400, 403, 404);
        (await PostAsync(host, path, "Host: localhost", "Origin: http://attacker.example", "X-TokenBudget: 1")).ShouldBeOneOf(400, 403, 404);
        (await PostAsync(host, path, "Host: localhost", "Origin:", "X-TokenBudget: 1")).ShouldBeOneOf(400, 403, 404);
        (await PostAsync(host, path, "Host: localhost", "Host: attacker.example", "X-TokenBudget: 1")).ShouldBe(400);

        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(CacheSeed.Count);
    }

    [Fact]
    public async Task A_plain_request_of_this_machine_is_answered()
    {
        await using var host = await Host.StartAsync(kestrel: true);
        CacheSeed.Fill(host.Runtime.Cache);

        (await PostAsync(host, "/api/cache/clear", $"Host: {host.Address.Authority}", "X-TokenBudget: 1", $"Origin: http://{host.Address.Authority}")).ShouldBe(200);

        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(0);
    }

    private static async Task<int> PostAsync(Host host, string path, params string[] headers)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, patience.Token);
        var stream = client.GetStream();
        var request = $"POST {path} HTTP/1.1\r\n{string.Join("\r\n", headers)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var status = await reader.ReadLineAsync(patience.Token);
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
