using System.Diagnostics;
using System.Text;
using System.Text.Json;
using TokenBudget.AspNetCore.Page;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>A machine without Node.js builds everything else, says what is missing, and the page says it too.</summary>
public sealed class WithoutNodeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("without-node-");

    public WithoutNodeTests()
    {
        // The build's commands are run by it.
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(_folder.FullName, "sh"), "/bin/sh");
    }

    [Fact]
    public async Task Without_Node_the_build_goes_on_and_says_so()
    {
        var (exitCode, embedded, output) = await EmbedAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain("The dashboard of TokenBudget.AspNetCore is not built: Node.js 20.19, 22.12 or newer is not on PATH.");
        embedded.ShouldBe(["dashboard/not-built.html"]);
    }

    [Theory]
    [InlineData("exit 1", "", "Node.js 20.19, 22.12 or newer is not on PATH.")]
    [InlineData("exit 0", "exit 7", "'npm ci' ended with 7, so its packages are not here.")]
    public async Task A_Node_that_is_too_old_or_cannot_get_its_packages_is_as_none(string node, string npm, string said)
    {
        Script("node", node);
        Script("npm", npm);

        var (exitCode, embedded, output) = await EmbedAsync();

        exitCode.ShouldBe(0, output);
        output.ShouldContain(said);
        embedded.ShouldBe(["dashboard/not-built.html"]);
    }

    [Fact]
    public void The_page_says_how_to_build_it_and_where_the_numbers_are_meanwhile()
    {
        // This assembly holds what one holds that was built without.
        var files = new DashboardFiles(typeof(WithoutNodeTests).Assembly);

        files.IsBuilt.ShouldBeFalse();
        var (type, content) = files.Index;
        type.ShouldBe("text/html; charset=utf-8");
        var page = Encoding.UTF8.GetString(content);
        foreach (var word in (string[])["Node.js 20.19, 22.12 or newer", "build <code>TokenBudget.AspNetCore</code> again", "href=\"api/metrics\"", "href=\"api/alerts\""])
            page.ShouldContain(word);
        page.ShouldNotContain("<script");
        page.ShouldNotContain("style=");
        files.Find("not-built.html").ShouldBeNull();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Script(string name, string text)
    {
        if (OperatingSystem.IsWindows())
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name + ".cmd"), $"@{text.Replace("exit", "exit /b", StringComparison.Ordinal)}\r\n");
            return;
        }

        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Runs the part of the build that embeds the dashboard, in a folder of its own, with nothing on PATH but a shell and what the test has put there.</summary>
    private async Task<(int ExitCode, List<string> Embedded, string Output)> EmbedAsync()
    {
        var work = Path.Combine(_folder.FullName, "work") + Path.DirectorySeparatorChar;
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"),
            [
                "msbuild", TokenBudget.TestSupport.Repository.PathOf("src/TokenBudget.AspNetCore/TokenBudget.AspNetCore.csproj"), "-nologo", "-nodeReuse:false", "-t:EmbedDashboard", $"-p:DashboardWork={work}",
                "-getItem:EmbeddedResource", $"-getResultOutputFile:{Path.Combine(_folder.FullName, "items.json")}",
            ]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["PATH"] = _folder.FullName;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var text = await output + await errors;
        var items = Path.Combine(_folder.FullName, "items.json");
        if (!File.Exists(items))
            return (process.ExitCode, [], text);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(items));
        return (process.ExitCode, [.. json.RootElement.GetProperty("Items").GetProperty("EmbeddedResource").EnumerateArray().Select(static item => item.GetProperty("LogicalName").GetString()!)], text);
    }
}
