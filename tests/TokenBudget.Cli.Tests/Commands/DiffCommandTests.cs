using System.Text.Json;
using TokenBudget.Cli.Tests.Contracts;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class DiffCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task Each_change_has_its_cost_and_the_total_is_of_all_methods()
    {
        var (exitCode, output, error) = await _cli.RunAsync("diff", await LockAsync("old.json", Old), await LockAsync("new.json", New), "--format", "markdown");

        exitCode.ShouldBe(4, error);
        output.ShouldBe(
            """
            ### Token budget contracts: 1 can cost more, 1 changed, 1 new, 1 gone

            | method | | what changed | 1,000 calls: fixed part | 1,000 calls: at most |
            |---|---|---|--:|--:|
            | `IA.ChatAsync` | **rose** | `at most $0.50 → $0.75 a call: fixedTokens.prompt 10 → 30` | $0.01 → $0.03 (+$0.02) | $500.00 → $750.00 (+$250.00) |
            | `IA.FallAsync` | changed | `at most $1.00 → $0.25 a call: model gpt-4o → gpt\|mini` | $0.01 | $1,000.00 → $250.00 (-$750.00) |
            | `IA.GoneAsync` | gone | `was at most $2.00 a call` | $0.01 → $0.00 (-$0.01) | $2,000.00 → $0.00 (-$2,000.00) |
            | `IA.NewAsync` | new | `at most an unknown amount a call` | $0.00 → $0.01 (+$0.01) | $0.00 → ? |
            | **all methods** | | | **$0.04 → $0.06 (+$0.02)** | **$3,600.00 → $1,100.00 (-$2,500.00)** |

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_table_says_the_same()
    {
        var (_, output, _) = await _cli.RunAsync("diff", await LockAsync("old.json", Old), await LockAsync("new.json", New));

        output.ShouldStartWith("4 methods: 1 can cost more, 1 changed, 1 new, 1 gone.");
        output.ShouldContain("model gpt-4o → gpt|mini");
        output.ShouldContain("$3,600.00 → $1,100.00 (-$2,500.00)");
    }

    [Theory]
    [InlineData("", 4)]
    [InlineData("--fail-on rise", 4)]
    [InlineData("--fail-on change", 4)]
    [InlineData("--fail-on nothing", 0)]
    [InlineData("", 0, true)]
    [InlineData("--fail-on change", 4, true)]
    public async Task What_fails_can_be_chosen(string options, int expected, bool backwards = false)
    {
        string[] files = [await LockAsync("old.json", Old), await LockAsync("new.json", Old.Skip(1).Append(("IA.ChatAsync(string)", TestAssembly.Contract(0.75m))))];
        if (backwards)
            Array.Reverse(files);
        (await _cli.RunAsync(["diff", .. files, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).ExitCode.ShouldBe(expected);
    }

    [Fact]
    public async Task An_assembly_is_compared_with_its_own_lines()
    {
        var app = _cli.Write("App.dll", TestAssembly.Of("App", New));
        var both = _cli.PathOf("both.json");
        await _cli.RunAsync("lock", app, _cli.Write("Other.dll", TestAssembly.Of("Other", Old)), "--output", both);

        var (exitCode, output, error) = await _cli.RunAsync("diff", both, app, "--fail-on", "change");

        exitCode.ShouldBe(0, error);
        output.ShouldStartWith("4 methods: no change.");
        (await _cli.RunWithInputAsync(File.ReadAllBytes(both), "diff", "-", app, "--fail-on", "change")).ExitCode.ShouldBe(0);
        (await _cli.RunAsync("diff", both, app, "--format", "markdown")).Out.ShouldBe("### Token budget contracts: no change\n");
    }

    [Fact]
    public async Task Where_there_was_no_file_yet_every_method_is_new()
    {
        var (exitCode, output, error) = await _cli.RunWithInputAsync([], "diff", "-", await LockAsync("new.json", New));

        exitCode.ShouldBe(0, error);
        output.ShouldStartWith("4 methods: 4 new.");
    }

    [Fact]
    public async Task Json_has_every_fact_with_both_sides()
    {
        var (_, output, _) = await _cli.RunAsync("diff", await LockAsync("old.json", Old), await LockAsync("new.json", New), "--format", "json");

        var root = JsonDocument.Parse(output).RootElement;
        var first = root.GetProperty("differences")[0];
        first.GetProperty("method").GetString().ShouldBe("IA.ChatAsync(string)");
        first.GetProperty("change").GetString().ShouldBe("rose");
        first.GetProperty("facts").EnumerateArray().Select(static fact => fact.GetProperty("name").GetString()).ShouldBe(["ceilingUsd", "fixedTokens.prompt", "fixedUsd"]);
        first.GetProperty("ceilingUsdOf1000Calls").GetProperty("after").GetDecimal().ShouldBe(750);
        root.GetProperty("differences")[3].GetProperty("ceilingUsdOf1000Calls").GetProperty("after").ValueKind.ShouldBe(JsonValueKind.Null);
        root.GetProperty("allMethods").GetProperty("ceilingUsdOf1000Calls").GetProperty("before").GetDecimal().ShouldBe(3_600);
    }

    [Fact]
    public async Task Sarif_names_rule_file_and_line()
    {
        var old = await LockAsync("old.json", Old);
        var now = await LockAsync("new.json", New);

        var (_, output, _) = await _cli.RunAsync("diff", old, now, "--format", "sarif");

        var run = SarifLogChecks.ShouldBeSarif(output);
        var results = run.GetProperty("results").EnumerateArray().ToList();
        results.Select(static result => result.GetProperty("ruleId").GetString()).ShouldBe(["TB0120", "TB0121", "TB0121", "TB0121"]);
        results.Select(static result => result.GetProperty("level").GetString()).Distinct().ShouldBe(["warning"]);
        Place(results[0]).ShouldBe((new Uri(now).AbsoluteUri, 2));
        Place(results[2]).ShouldBe((new Uri(old).AbsoluteUri, 4));

        static (string?, int) Place(JsonElement result)
        {
            var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
            return (place.GetProperty("artifactLocation").GetProperty("uri").GetString(), place.GetProperty("region").GetProperty("startLine").GetInt32());
        }
    }

    [Theory]
    [InlineData("it has no version", "{}")]
    [InlineData("merge conflicts", "{\n>>>>>>> theirs")]
    [InlineData("it is not the JSON", "no")]
    [InlineData("it is not the JSON", "{\"A/B\":{\"a\":\"\u0001\"},\"version\":1}")]
    public async Task A_file_that_is_none_is_named(string reason, string text)
    {
        var bad = _cli.Write("bad.json", text);

        var (exitCode, _, error) = await _cli.RunAsync("diff", bad, await LockAsync("new.json", New));

        exitCode.ShouldBe(1);
        error.ShouldContain(reason);
        error.ShouldStartWith(bad);
    }

    public void Dispose() => _cli.Dispose();

    private static readonly (string, string)[] Old =
    [
        ("IA.ChatAsync(string)", TestAssembly.Contract(0.5m)),
        ("IA.FallAsync(string)", TestAssembly.Contract(1)),
        ("IA.GoneAsync(string)", TestAssembly.Contract(2)),
        ("IA.SameAsync(string)", TestAssembly.Contract(0.1m)),
    ];

    private static readonly (string, string)[] New =
    [
        ("IA.ChatAsync(string)", TestAssembly.Contract(0.75m, prompt: 30)),
        ("IA.FallAsync(string)", TestAssembly.Contract(0.25m, model: "gpt|mini")),
        ("IA.NewAsync(string)", TestAssembly.Contract(null)),
        ("IA.SameAsync(string)", TestAssembly.Contract(0.1m)),
    ];

    private async Task<string> LockAsync(string name, IEnumerable<(string, string)> contracts)
    {
        var path = _cli.PathOf(name);
        await _cli.RunAsync("lock", _cli.Write(name + ".dll", TestAssembly.Of("App", contracts)), "--output", path);
        return path;
    }
}
