using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;

namespace TokenBudget.AspNetCore.Tests;

public sealed class AccessTests
{
    private static readonly (string, string) Marker = ("X-TokenBudget", "1");

    [Fact]
    public async Task Every_route_answers_this_machine()
    {
        await using var host = await Host.StartAsync(static options => options.Prometheus = true);
        await host.SpendAsync("{name}", 1);

        host.Routes.ShouldBe(
            [
                ("GET", "/api/metrics"), ("GET", "/api/metrics/tokens"), ("GET", "/api/metrics/cache"), ("GET", "/api/metrics/costs"), ("GET", "/api/metrics/history"),
                ("GET", "/api/alerts"), ("CONNECT", "/api/alerts"), ("GET", "/api/conversations"), ("GET", "/api/openapi.json"), ("GET", "/metrics"),
                ("GET", "/tokenbudget"), ("GET", "/tokenbudget/{file}"),
                ("POST", "/api/cache/clear"), ("POST", "/api/budgets/{name}/pause"), ("POST", "/api/budgets/{name}/resume"),
            ],
            ignoreOrder: true);
        foreach (var address in (string[])["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1", "::ffff:127.9.8.7"])
            foreach (var name in (string[])["localhost", "LocalHost:5000", "127.0.0.1:80", "[::1]:5000"])
            {
                host.RemoteAddress = IPAddress.Parse(address);
                foreach (var (method, path) in host.Routes)
                    (await StatusAsync(host, method, path, name, Marker)).ShouldBe(AnswerOf(path), $"{method} {path} from {address} for {name}");
            }
    }

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("10.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:192.0.2.7")]
    [InlineData("0.0.0.0")]
    [InlineData(null)]
    public async Task Every_route_is_refused_to_other_machines(string? address)
    {
        await using var host = await Host.StartAsync(static options => options.Prometheus = true, group: static group => group.MapGet("/of/the/host", static context => context.Response.WriteAsync("never")));
        host.RemoteAddress = address is null ? null : IPAddress.Parse(address);

        host.Routes.ShouldContain(("GET", "/of/the/host"));
        foreach (var (method, path) in host.Routes)
            foreach (var forged in (string[])["127.0.0.1", "::1", "localhost"])
            {
                await RefusedAsync(host, method, path, "localhost", Marker);
                await RefusedAsync(host, method, path, "localhost", Marker, ("X-Forwarded-For", forged));
                await RefusedAsync(host, method, path, "localhost", Marker, ("Forwarded", $"for={forged}"), ("X-Real-IP", forged), ("X-Original-For", forged));
            }
    }

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:5000")]
    [InlineData("localhost.attacker.example")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("192.0.2.7")]
    [InlineData("0.0.0.0")]
    [InlineData("[::ffff:192.0.2.7]")]
    public async Task A_name_that_is_rebound_to_this_machine_is_refused(string name)
    {
        await using var host = await Host.StartAsync();

        foreach (var (method, path) in host.Routes)
            await RefusedAsync(host, method, path, name, Marker);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "192.0.2.7")]
    public async Task A_proxy_on_this_machine_does_not_open_the_endpoints(string header, string value)
    {
        await using var host = await Host.StartAsync();

        foreach (var (method, path) in host.Routes)
            await RefusedAsync(host, method, path, "localhost", Marker, (header, value));
    }

    [Fact]
    public async Task A_forwarded_address_that_the_host_believes_is_still_not_this_machine()
    {
        var trusting = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All };
        trusting.KnownIPNetworks.Clear();
        trusting.KnownProxies.Clear();
        await using var host = await Host.StartAsync(before: app => app.UseForwardedHeaders(trusting));
        host.RemoteAddress = IPAddress.Parse("192.0.2.7");

        foreach (var (method, path) in host.Routes)
            await RefusedAsync(host, method, path, "attacker.example", Marker, ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"));
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("http://localhost:80")]
    [InlineData("HTTP://LOCALHOST")]
    public async Task A_page_of_the_same_origin_may_read_and_change(string origin)
    {
        await using var host = await Host.StartAsync();
        await host.SpendAsync("{name}", 1);

        foreach (var (method, path) in host.Routes)
            (await StatusAsync(host, method, path, "localhost", Marker, ("Origin", origin))).ShouldBe(AnswerOf(path), path);
    }

    [Theory]
    [InlineData("http://attacker.example")]
    [InlineData("http://localhost:8080")]
    [InlineData("https://localhost")]
    [InlineData("http://localhost.attacker.example")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_may_neither_read_nor_change(string origin)
    {
        await using var host = await Host.StartAsync();

        foreach (var (method, path) in host.Routes)
            await RefusedAsync(host, method, path, "localhost", Marker, ("Origin", origin));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain")]
    [InlineData("text/plain; application/json")]
    [InlineData(null)]
    public async Task What_a_form_can_send_changes_nothing(string? contentType)
    {
        await using var host = await Host.StartAsync();
        CacheSeed.Fill(host.Runtime.Cache);
        await host.SpendAsync("{name}", 1);

        foreach (var origin in (string?[])[null, "http://localhost"])
            foreach (var (method, path) in host.Routes.Where(static route => route.Method == "POST"))
            {
                using var content = new StringContent("{}");
                content.Headers.Remove("Content-Type");
                if (contentType is not null)
                    content.Headers.TryAddWithoutValidation("Content-Type", contentType);
                using var response = await host.SendAsync(method, path, "localhost", content, origin is null ? [] : [("Origin", origin)]);
                response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            }

        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(CacheSeed.Count);
        host.Runtime.Costs.GetStatus().Single().IsPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task Json_says_as_well_as_the_header_that_no_form_has_sent_it()
    {
        await using var host = await Host.StartAsync();
        using var content = new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json", "utf-8"));

        using var response = await host.SendAsync("POST", "/api/cache/clear", content: content);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Reading_never_changes_and_changing_is_never_a_read()
    {
        await using var host = await Host.StartAsync();
        CacheSeed.Fill(host.Runtime.Cache);

        foreach (var (_, path) in host.Routes)
            foreach (var method in (string[])["GET", "HEAD", "OPTIONS"])
                await StatusAsync(host, method, path, "localhost", Marker);

        host.Runtime.Cache.GetStatistics().Entries.ShouldBe(CacheSeed.Count);
        foreach (var (method, path) in host.Routes.Where(static route => route.Method == "POST"))
            (await StatusAsync(host, "GET", path, "localhost", Marker)).ShouldBe(HttpStatusCode.MethodNotAllowed, $"{method} {path}");
    }

    [Fact]
    public async Task Answers_are_kept_by_nobody()
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", "/api/metrics/tokens");

        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    // A file of the dashboard that is called like its placeholder there is not.
    private static HttpStatusCode AnswerOf(string path) => path.EndsWith("{file}", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK;

    private static async Task<HttpStatusCode> StatusAsync(Host host, string method, string path, string name, params (string, string)[] headers)
    {
        using var response = await host.SendAsync(method, path, name, content: null, headers);
        return response.StatusCode;
    }

    private static async Task RefusedAsync(Host host, string method, string path, string name, params (string, string)[] headers)
    {
        using var response = await host.SendAsync(method, path, name, content: null, headers);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path} for {name} with {string.Join(", ", headers)}");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await Host.ReadAsync(response);
        problem.GetProperty("status").GetInt32().ShouldBe(403);
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }
}
