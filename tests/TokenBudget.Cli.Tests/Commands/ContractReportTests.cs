using System.Text.Json;
using TokenBudget.Cli.Tests.Contracts;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class ContractReportTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task An_assembly_is_reported_as_a_table()
    {
        var (exitCode, output, error) = await _cli.RunAsync("report", Assembly());

        exitCode.ShouldBe(0, error);
        output.Split('\n').Where(static line => line.Any(char.IsLetterOrDigit)).Select(static line => System.Text.RegularExpressions.Regex.Split(line.Trim(), @"\s{2,}")).ShouldBe(
        [
            ["method", "model", "fixed tokens", "input", "output", "requests", "at most a call", "1,000 calls: fixed part", "1,000 calls: at most"],
            ["Contoso.IA.AskAsync(int)", "gpt-4o", "10", "100", "50", "6", "?", "$0.01", "?"],
            ["Contoso.IA.AskAsync(string)", "gpt-4o", "10", "100", "50", "6", "$0.0425", "$0.01", "$42.4567"],
            ["IB<Contoso.Item>.AskAsync", "[mini]", "20", "100", "50", "6", "$1.00", "$0.02", "$1,000.00"],
            ["each of them", "$0.04", "$1,042.4567"],
        ]);
    }

    [Fact]
    public async Task A_lock_file_says_the_same_as_its_assembly()
    {
        var locked = _cli.PathOf("tokenbudget.lock.json");
        await _cli.RunAsync("lock", Assembly(), "--output", locked);

        (await _cli.RunAsync("report", locked)).Out.ShouldBe((await _cli.RunAsync("report", Assembly())).Out);
        (await _cli.RunAsync("report", locked, "--format", "json")).Out.ShouldBe((await _cli.RunAsync("report", Assembly(), "--format", "json")).Out);
    }

    [Fact]
    public async Task Markdown_is_a_table_too()
    {
        var (_, output, _) = await _cli.RunAsync("report", Assembly(), "--format", "markdown");

        var lines = output.Split('\n');
        lines[0].ShouldBe("### Token budget contracts");
        lines[5].ShouldBe("| `Contoso.IA.AskAsync(string)` | `gpt-4o` | 10 | 100 | 50 | 6 | $0.0425 | $0.01 | $42.4567 |");
        lines[^2].ShouldBe("| **each of them** |  |  |  |  |  |  | **$0.04** | **$1,042.4567** |");
        lines.Where(static line => line.StartsWith('|')).Select(static line => line.Count(static character => character == '|')).Distinct().ShouldBe([10]);
    }

    [Fact]
    public async Task Json_holds_the_contracts_as_they_are()
    {
        var (_, output, _) = await _cli.RunAsync("report", Assembly(), "--format", "json");

        var methods = JsonDocument.Parse(output).RootElement.GetProperty("methods").EnumerateArray().ToList();
        methods.Select(static method => method.GetProperty("assembly").GetString()).Distinct().ShouldBe(["App"]);
        methods[1].GetProperty("contract").GetProperty("ceilingUsd").GetDecimal().ShouldBe(0.0424567m);
    }

    [Fact]
    public async Task Sarif_informs_and_complains_of_nothing()
    {
        var (_, output, _) = await _cli.RunAsync("report", Assembly(), "--format", "sarif");

        var results = SarifLogChecks.ShouldBeSarif(output).GetProperty("results").EnumerateArray().ToList();
        results.Count.ShouldBe(3);
        results.ShouldAllBe(static result => result.GetProperty("kind").GetString() == "informational");
        results[1].GetProperty("message").GetProperty("text").GetString().ShouldBe("Contoso.IA.AskAsync(string): at most $0.0425 a call, 10 fixed tokens, 100 in and 50 out.");
    }

    [Theory]
    [InlineData("--by is not for what is in", "--by", "day")]
    [InlineData("--json is not for what is in", "--json")]
    [InlineData("--format is one of table, json, markdown and sarif", "--format", "json,sarif")]
    [InlineData("--format is 'xml', but must be one of table, json, markdown, sarif", "--format", "xml")]
    public async Task An_option_of_another_report_is_told(string expected, params string[] options)
    {
        var (exitCode, output, error) = await _cli.RunAsync(["report", Assembly(), .. options]);

        exitCode.ShouldBe(1);
        error.ShouldContain(expected);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("App.dll")]
    [InlineData("tokenbudget.lock.json")]
    public async Task A_file_that_is_not_there_is_no_store(string name)
    {
        var (exitCode, _, error) = await _cli.RunAsync("report", _cli.PathOf(name));

        exitCode.ShouldBe(1);
        error.ShouldStartWith("Could not find file");
    }

    public void Dispose() => _cli.Dispose();

    private string Assembly() => _cli.Write("App.dll", TestAssembly.Of(
        "App",
        [
            ("Contoso.IB<Contoso.Item>.AskAsync(string)", TestAssembly.Contract(1, prompt: 20, model: "[mini]")),
            ("Contoso.IA.AskAsync(string)", TestAssembly.Contract(0.0424567m)),
            ("Contoso.IA.AskAsync(int)", TestAssembly.Contract(null)),
        ]));
}
