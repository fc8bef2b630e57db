using System.Net;
using System.Text.RegularExpressions;
using TokenBudget.AspNetCore.Page;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>The page as it is sent; <c>TokenBudget.Dashboard.Tests</c> looks at it in a browser.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public async Task The_page_and_all_it_names_come_from_here_and_nothing_in_it_is_inline()
    {
        await using var host = await Host.StartAsync();

        using var page = await host.SendAsync("GET", "/tokenbudget");
        var html = await page.Content.ReadAsStringAsync();

        page.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");
        page.Headers.GetValues("X-Frame-Options").Single().ShouldBe("DENY");
        Inline().IsMatch(html).ShouldBeFalse();
        if (!new DashboardFiles().IsBuilt)
        {
            html.ShouldContain("Node.js 20.19");
            return;
        }

        var names = Address().Matches(html).Select(static match => match.Groups[1].Value).ToList();
        names.Count.ShouldBe(3);
        foreach (var name in names)
        {
            name.ShouldStartWith("./tokenbudget/");
            using var file = await host.SendAsync("GET", name[1..]);
            file.StatusCode.ShouldBe(HttpStatusCode.OK, name);
            file.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        }
    }

    [Fact]
    public async Task No_file_of_it_asks_anything_of_another_place()
    {
        await using var host = await Host.StartAsync();
        using var page = await host.SendAsync("GET", "/tokenbudget");
        foreach (Match match in Address().Matches(await page.Content.ReadAsStringAsync()))
        {
            using var file = await host.SendAsync("GET", match.Groups[1].Value[1..]);
            var hosts = Outside().Matches(await file.Content.ReadAsStringAsync()).Select(static found => found.Value);
            // Names of XML, which nobody asks, and where Vue's own messages point to.
            hosts.Except(["http://www.w3.org", "https://vuejs.org"]).ShouldBeEmpty(match.Value);
        }
    }

    [Fact]
    public async Task An_address_with_a_slash_at_its_end_leads_to_the_one_without()
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", "/tokenbudget/");

        response.StatusCode.ShouldBe(HttpStatusCode.Found);
        response.Headers.Location!.OriginalString.ShouldBe("../tokenbudget");
    }

    [Theory]
    [InlineData("/tokenbudget/index.html")]
    [InlineData("/tokenbudget/not-built.html")]
    [InlineData("/tokenbudget/..%2Fappsettings.json")]
    [InlineData("/tokenbudget/nothing.js")]
    public async Task There_are_no_other_files(string path)
    {
        await using var host = await Host.StartAsync();

        using var response = await host.SendAsync("GET", path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task It_can_be_left_out()
    {
        await using var host = await Host.StartAsync(static options => options.Dashboard = false);

        using var response = await host.SendAsync("GET", "/tokenbudget");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [GeneratedRegex("<script(?![^>]* src=)|<style|style=|\\son\\w+=", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("(?:src|href)=\"(\\./tokenbudget/[^\"]+)\"")]
    private static partial Regex Address();

    [GeneratedRegex("(?:https?|wss?)://[\\w.-]+")]
    private static partial Regex Outside();
}
