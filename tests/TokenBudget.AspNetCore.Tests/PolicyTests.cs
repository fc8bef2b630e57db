using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TokenBudget.AspNetCore.Tests;

public sealed class PolicyTests
{
    [Fact]
    public async Task A_policy_opens_the_endpoints_to_whoever_meets_it_and_to_nobody_else()
    {
        await using var host = await StartAsync();
        await host.SpendAsync("{name}", 1);
        host.RemoteAddress = IPAddress.Parse("192.0.2.7");

        host.Routes.Count.ShouldBeGreaterThan(4);
        foreach (var (method, path) in host.Routes)
        {
            (await StatusAsync(host, method, path)).ShouldBe(HttpStatusCode.Unauthorized);
            (await StatusAsync(host, method, path, ("X-User", "guest"))).ShouldBe(HttpStatusCode.Forbidden);
            (await StatusAsync(host, method, path, ("X-User", "operator"))).ShouldBe(path.EndsWith("{file}", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task Being_on_this_machine_does_not_replace_the_policy()
    {
        await using var host = await StartAsync();

        foreach (var (method, path) in host.Routes)
            (await StatusAsync(host, method, path)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Under_a_policy_a_foreign_page_may_be_let_read_but_not_change()
    {
        await using var host = await StartAsync();
        var foreign = ("Origin", "https://attacker.example");

        (await StatusAsync(host, "GET", "/api/metrics/costs", ("X-User", "operator"), foreign)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(host, "GET", "/api/alerts", ("X-User", "operator"), foreign)).ShouldBe(HttpStatusCode.Forbidden, "what pushes is never for another site");
        foreach (var (method, path) in host.Routes.Where(static route => route.Method == "POST"))
            (await StatusAsync(host, method, path, ("X-User", "operator"), foreign)).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_policy_without_authorization_in_the_host_opens_nothing()
    {
        await using var host = await Host.StartAsync(static options => options.RequireAuthorizationPolicy = "operators");

        foreach (var (method, path) in host.Routes)
            await Should.ThrowAsync<InvalidOperationException>(() => StatusAsync(host, method, path));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_policy_without_a_name_is_refused(string name) =>
        await Should.ThrowAsync<ArgumentException>(() => Host.StartAsync(options => options.RequireAuthorizationPolicy = name));

    [Fact]
    public void Mapping_without_the_runtime_says_what_to_call()
    {
        using var app = WebApplication.CreateSlimBuilder().Build();

        Should.Throw<InvalidOperationException>(() => app.MapTokenBudget()).Message.ShouldContain("AddTokenBudget");
    }

    private static Task<Host> StartAsync() => Host.StartAsync(
        static options =>
        {
            options.RequireAuthorizationPolicy = "operators";
            options.Prometheus = true;
        },
        static builder =>
        {
            builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderUser>("header", null);
            builder.Services.AddAuthorizationBuilder().AddPolicy("operators", static policy => policy.RequireUserName("operator"));
        });

    private static async Task<HttpStatusCode> StatusAsync(Host host, string method, string path, params (string, string)[] headers)
    {
        using var response = await host.SendAsync(method, path, "metrics.example", content: null, [("X-TokenBudget", "1"), .. headers]);
        return response.StatusCode;
    }

    private sealed class HeaderUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["X-User"] is [{ } name]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "header")), "header"))
                : AuthenticateResult.NoResult());
    }
}
